-- Rows that are few carry their public id (16 random bytes) beside an integer
-- key; entries, which are many, refer to the others by those keys alone.
-- Times are milliseconds since the Unix epoch.

-- epoch: changes when history goes back. install: names this server in logins.
CREATE TABLE meta (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- role: 0 member, 1 admin, 2 owner. name_key decides which names are the same.
CREATE TABLE accounts (
    key INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL UNIQUE,
    role INTEGER NOT NULL,
    disabled INTEGER NOT NULL DEFAULT 0,
    relay_calls INTEGER NOT NULL DEFAULT 0,
    record BLOB NOT NULL,
    created INTEGER NOT NULL
) STRICT;

CREATE TABLE avatars (
    account INTEGER PRIMARY KEY REFERENCES accounts,
    hash TEXT NOT NULL,
    picture BLOB NOT NULL
) STRICT;

-- Stay when signed out: entries name them. last_seen is rounded to the day.
CREATE TABLE devices (
    key INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    account INTEGER NOT NULL REFERENCES accounts,
    name TEXT NOT NULL,
    network TEXT NOT NULL,
    created INTEGER NOT NULL,
    last_seen INTEGER NOT NULL
) STRICT;

CREATE INDEX devices_of_account ON devices (account);

-- Gone when ended.
CREATE TABLE sessions (
    key INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    token_hash BLOB NOT NULL UNIQUE,
    account INTEGER NOT NULL REFERENCES accounts,
    device INTEGER NOT NULL REFERENCES devices,
    created INTEGER NOT NULL,
    used INTEGER NOT NULL,
    proved INTEGER NOT NULL
) STRICT;

CREATE INDEX sessions_of_account ON sessions (account);
CREATE INDEX sessions_of_device ON sessions (device);

CREATE TABLE invites (
    key INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    secret_hash BLOB NOT NULL,
    by INTEGER NOT NULL REFERENCES accounts,
    created INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    uses INTEGER NOT NULL DEFAULT 0,
    max_uses INTEGER NOT NULL,
    revoked INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE INDEX invites_of_account ON invites (by);

-- Links with which somebody chooses a new password: one for an account, gone when used.
CREATE TABLE resets (
    account INTEGER PRIMARY KEY REFERENCES accounts,
    id BLOB NOT NULL UNIQUE,
    secret_hash BLOB NOT NULL,
    expires INTEGER NOT NULL
) STRICT;

-- kind: 0 Everyone, 1 room, 2 direct. pair: both account ids of a direct one, the lower first.
CREATE TABLE conversations (
    key INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    kind INTEGER NOT NULL,
    name TEXT,
    pair BLOB UNIQUE,
    head INTEGER NOT NULL DEFAULT 0,
    created INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX one_everyone ON conversations (kind) WHERE kind = 0;

-- role: 0 member, 1 manager.
CREATE TABLE members (
    conversation INTEGER NOT NULL REFERENCES conversations,
    account INTEGER NOT NULL REFERENCES accounts,
    role INTEGER NOT NULL,
    delivered INTEGER NOT NULL,
    read INTEGER NOT NULL,
    PRIMARY KEY (conversation, account)
) STRICT, WITHOUT ROWID;

-- kind: 0 message, 1 call, 2 change of a room. reference: the id of the message or call.
-- No foreign keys here: the transaction that writes a row has just read what it names.
CREATE TABLE entries (
    key INTEGER PRIMARY KEY,
    conversation INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    time INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    account INTEGER NOT NULL,
    device INTEGER,
    reference BLOB,
    format INTEGER NOT NULL,
    body BLOB NOT NULL
) STRICT;

CREATE UNIQUE INDEX entries_in_order ON entries (conversation, seq);

-- The id comes first: message ids begin with the time, so this grows at its end.
CREATE UNIQUE INDEX entries_once ON entries (reference, account, kind) WHERE reference IS NOT NULL;

-- Calls that have not ended. legs: 32 bytes each, account and device.
CREATE TABLE calls (
    id BLOB PRIMARY KEY,
    conversation INTEGER NOT NULL REFERENCES conversations,
    media INTEGER NOT NULL,
    caller INTEGER NOT NULL REFERENCES accounts,
    callee INTEGER NOT NULL REFERENCES accounts,
    active INTEGER NOT NULL,
    since INTEGER NOT NULL,
    legs BLOB NOT NULL
) STRICT, WITHOUT ROWID;
