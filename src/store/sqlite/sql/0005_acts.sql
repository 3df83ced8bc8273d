-- What those who look after the server did. by: none on the server itself; account: whom it is
-- about, if anybody; act: as JSON, without secrets.
CREATE TABLE acts (
    key INTEGER PRIMARY KEY,
    time INTEGER NOT NULL,
    by INTEGER REFERENCES accounts,
    account INTEGER REFERENCES accounts,
    act TEXT NOT NULL
) STRICT;

-- What the account's files may take together, in place of what its role allows.
ALTER TABLE accounts ADD COLUMN quota INTEGER;
