-- The number of the entry with which a member came: who came first manages a
-- room when its last manager goes. Members from before this are the first.
ALTER TABLE members ADD COLUMN joined INTEGER NOT NULL DEFAULT 0;
