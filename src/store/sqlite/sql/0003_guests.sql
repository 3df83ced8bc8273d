-- Guests have no password: role 3, empty columns where its file and the keys would be, and a
-- name_key that no name has. via: the link they came by, while they are here by it.
ALTER TABLE accounts ADD COLUMN via BLOB;

-- When a session ends however much it is used: with the link of its guest.
ALTER TABLE sessions ADD COLUMN ends INTEGER;

-- Links of rooms. auth_hash: SHA-256 of what the link's secret proves itself with. ended: 1 when
-- its time is over, 2 when the control log has ended it.
CREATE TABLE links (
    key INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    conversation INTEGER NOT NULL REFERENCES conversations,
    by INTEGER NOT NULL REFERENCES accounts,
    auth_hash BLOB NOT NULL,
    lobby INTEGER NOT NULL,
    created INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    uses INTEGER NOT NULL DEFAULT 0,
    max_uses INTEGER NOT NULL,
    ended INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE INDEX links_of_conversation ON links (conversation);
CREATE INDEX links_in_force ON links (expires) WHERE ended = 0;

-- Who waits to be let in.
CREATE TABLE knocks (
    conversation INTEGER NOT NULL REFERENCES conversations,
    account INTEGER NOT NULL REFERENCES accounts,
    link BLOB NOT NULL,
    signature BLOB NOT NULL,
    time INTEGER NOT NULL,
    PRIMARY KEY (conversation, account)
) STRICT, WITHOUT ROWID;

CREATE INDEX knocks_of_account ON knocks (account);

-- Who has ever been in a conversation: its members know them still when they have left.
CREATE TABLE stays (
    conversation INTEGER NOT NULL REFERENCES conversations,
    account INTEGER NOT NULL REFERENCES accounts,
    PRIMARY KEY (conversation, account)
) STRICT, WITHOUT ROWID;

INSERT INTO stays (conversation, account)
    SELECT conversation, account FROM members
    UNION SELECT conversation, account FROM entries WHERE kind = 0;
