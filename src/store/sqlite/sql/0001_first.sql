-- Rows that are few carry their public id (16 random bytes) beside an integer
-- key; entries, which are many, refer to the others by those keys alone.
-- Times are milliseconds since the Unix epoch. Whatever people say, and every
-- secret key, lies here sealed; what is in the clear is who, when and where.

-- epoch: changes when history goes back. install: names this server in logins.
CREATE TABLE meta (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- role: 0 member, 1 admin, 2 owner. name_key decides which names are the same.
-- password: the file of the password protocol. recovery: SHA-256 of what the
-- recovery code proves itself with. version, generation, identity: of the
-- newest record, and the SHA-256 of its signing key. bundle, settings: sealed.
CREATE TABLE accounts (
    key INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL UNIQUE,
    role INTEGER NOT NULL,
    disabled INTEGER NOT NULL DEFAULT 0,
    relay_calls INTEGER NOT NULL DEFAULT 0,
    password BLOB NOT NULL,
    recovery BLOB NOT NULL,
    version INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    identity BLOB NOT NULL,
    bundle_version INTEGER NOT NULL,
    bundle_nonce BLOB NOT NULL,
    bundle BLOB NOT NULL,
    settings_version INTEGER NOT NULL DEFAULT 0,
    settings_nonce BLOB NOT NULL DEFAULT x'',
    settings BLOB NOT NULL DEFAULT x'',
    created INTEGER NOT NULL
) STRICT;

-- Every version of every account's record, as signed. identity: SHA-256 of its
-- signing key; reset: its keys have nothing to do with those before.
CREATE TABLE records (
    account INTEGER NOT NULL REFERENCES accounts,
    version INTEGER NOT NULL,
    payload BLOB NOT NULL,
    signature BLOB NOT NULL,
    continuity BLOB,
    identity BLOB NOT NULL,
    reset INTEGER NOT NULL,
    PRIMARY KEY (account, version)
) STRICT, WITHOUT ROWID;

-- The master keys, sealed. type: 0 password, 1 recovery code, 2 passkey.
CREATE TABLE wraps (
    account INTEGER NOT NULL REFERENCES accounts,
    id BLOB NOT NULL,
    type INTEGER NOT NULL,
    nonce BLOB NOT NULL,
    ct BLOB NOT NULL,
    PRIMARY KEY (account, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE avatars (
    account INTEGER PRIMARY KEY REFERENCES accounts,
    hash TEXT NOT NULL,
    picture BLOB NOT NULL
) STRICT;

-- Stay when signed out: entries name them. last_seen is rounded to the day.
-- signs: the public key by the account's record, none before it is listed.
CREATE TABLE devices (
    key INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    account INTEGER NOT NULL REFERENCES accounts,
    name TEXT NOT NULL,
    network TEXT NOT NULL,
    signs BLOB,
    revoked INTEGER NOT NULL DEFAULT 0,
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

-- auth_hash: SHA-256 of what the link's secret proves itself with.
CREATE TABLE invites (
    key INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    auth_hash BLOB NOT NULL,
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
-- transcript: the running hash at head. epoch: in force; rotation: it must be renewed first.
CREATE TABLE conversations (
    key INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    kind INTEGER NOT NULL,
    pair BLOB UNIQUE,
    head INTEGER NOT NULL DEFAULT 0,
    transcript BLOB NOT NULL DEFAULT (zeroblob(32)),
    epoch INTEGER NOT NULL DEFAULT 0,
    rotation INTEGER NOT NULL DEFAULT 0,
    created INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX one_everyone ON conversations (kind) WHERE kind = 0;

-- What the control logs amount to, as JSON: members with their keys, links, epoch. Apart from
-- the conversations, whose rows change with every entry.
CREATE TABLE states (
    conversation INTEGER PRIMARY KEY REFERENCES conversations,
    state BLOB NOT NULL
) STRICT;

-- The members of the states, by account. role: 0 member, 1 manager, 2 guest.
-- since, since_epoch: from where on they see the conversation.
CREATE TABLE members (
    conversation INTEGER NOT NULL REFERENCES conversations,
    account INTEGER NOT NULL REFERENCES accounts,
    role INTEGER NOT NULL,
    since INTEGER NOT NULL,
    since_epoch INTEGER NOT NULL,
    delivered INTEGER NOT NULL,
    read INTEGER NOT NULL,
    PRIMARY KEY (conversation, account)
) STRICT, WITHOUT ROWID;

CREATE INDEX members_of_account ON members (account);

-- Secrets of epochs, each sealed to one account or link by one member.
CREATE TABLE grants (
    conversation INTEGER NOT NULL REFERENCES conversations,
    grantee BLOB NOT NULL,
    epoch INTEGER NOT NULL,
    by INTEGER NOT NULL REFERENCES accounts,
    g INTEGER NOT NULL,
    enc BLOB NOT NULL,
    ct BLOB NOT NULL,
    PRIMARY KEY (conversation, grantee, epoch, by)
) STRICT, WITHOUT ROWID;

-- kind: 0 envelope, 1 call. id: SHA-256 of what the entry is. device, n: whose envelope,
-- and its counter there. control: its index in the control log. call: the id of the call.
-- transcript: the running hash up to here.
-- No foreign keys here: the transaction that writes a row has just read what it names.
CREATE TABLE entries (
    key INTEGER PRIMARY KEY,
    conversation INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    time INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    account INTEGER NOT NULL,
    device INTEGER,
    n INTEGER,
    control INTEGER,
    call BLOB,
    id BLOB NOT NULL,
    transcript BLOB NOT NULL,
    body BLOB NOT NULL
) STRICT;

CREATE UNIQUE INDEX entries_in_order ON entries (conversation, seq);
CREATE UNIQUE INDEX entries_of_device ON entries (conversation, device, n) WHERE device IS NOT NULL;
CREATE UNIQUE INDEX entries_of_control ON entries (conversation, control) WHERE control IS NOT NULL;
CREATE UNIQUE INDEX entries_of_calls ON entries (call) WHERE call IS NOT NULL;

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
