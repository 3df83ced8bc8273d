-- Passkeys. wrap: the id of its wrap, and its own. credential: what its authenticator calls it.
-- signs: the public half of the key that its PRF output gives.
CREATE TABLE passkeys (
    key INTEGER PRIMARY KEY,
    wrap BLOB NOT NULL UNIQUE,
    account INTEGER NOT NULL REFERENCES accounts,
    credential BLOB NOT NULL UNIQUE,
    name TEXT NOT NULL,
    signs BLOB NOT NULL,
    created INTEGER NOT NULL
) STRICT;

CREATE INDEX passkeys_of_account ON passkeys (account);
