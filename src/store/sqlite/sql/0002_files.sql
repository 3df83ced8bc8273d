-- Files: the sealed chunks lie outside, under their id. size: bytes before
-- sealing; stored: after it, what counts towards the quota. have: a bit for
-- each chunk that is on the disk, empty when all are and the file is finished.
-- No foreign keys here: the transaction that writes a row has just read what it names.
CREATE TABLE files (
    key INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    conversation INTEGER NOT NULL,
    account INTEGER NOT NULL,
    size INTEGER NOT NULL,
    stored INTEGER NOT NULL,
    have BLOB NOT NULL,
    finished INTEGER NOT NULL DEFAULT 0,
    touched INTEGER NOT NULL
) STRICT;

CREATE INDEX files_of_account ON files (account, finished, stored);
