-- Edge tokens may end. Those that are there were made without an end, and keep none.
ALTER TABLE tokens ADD COLUMN expires_at INTEGER;
CREATE INDEX tokens_by_expiry ON tokens (expires_at) WHERE expires_at IS NOT NULL;

-- Rules change while keys exist.
ALTER TABLE keyspaces ADD COLUMN revision INTEGER NOT NULL DEFAULT 1 CHECK (revision >= 1);

-- Which key of the operator's the present one is; it only grows.
ALTER TABLE operators ADD COLUMN revision INTEGER NOT NULL DEFAULT 1;
DROP INDEX operators_by_reach;
CREATE INDEX operators_by_reach ON operators (keyspace, account, kind, id);

CREATE INDEX retiring_by_end ON retiring (keyspace, ends_at);

-- How often a key got another name: a segment that knows an older one says nothing of it any more.
ALTER TABLE keys ADD COLUMN name_version INTEGER NOT NULL DEFAULT 0;

-- What parts of names are found by, with accounts: made anew of all names, which wait until they are enough for segments.
DROP TABLE name_grams;
DROP TABLE name_segments;
DROP TABLE names_waiting;

CREATE TABLE names_waiting (
  keyspace TEXT NOT NULL,
  id INTEGER NOT NULL,
  account TEXT NOT NULL,
  name TEXT NOT NULL,
  version INTEGER NOT NULL,
  PRIMARY KEY (keyspace, id),
  FOREIGN KEY (keyspace, id) REFERENCES keys (keyspace, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE name_segments (
  number INTEGER PRIMARY KEY,
  keyspace TEXT NOT NULL REFERENCES keyspaces (id),
  first_id INTEGER NOT NULL,
  last_id INTEGER NOT NULL,
  -- Eight bytes each, rising.
  ids BLOB NOT NULL,
  -- The versions of their names, four bytes each; empty where all are 0, as they are until a key gets another name.
  versions BLOB NOT NULL
) STRICT;

CREATE INDEX name_segments_by_id ON name_segments (keyspace, last_id, first_id);

-- members: the positions in the segment's ids of the keys whose names have the gram, packed. A gram below zero stands for
-- an account, and its members are that account's keys.
CREATE TABLE name_grams (
  segment INTEGER NOT NULL REFERENCES name_segments (number) ON DELETE CASCADE,
  gram INTEGER NOT NULL,
  members BLOB NOT NULL,
  PRIMARY KEY (segment, gram)
) STRICT, WITHOUT ROWID;

CREATE INDEX name_grams_of_accounts ON name_grams (gram, segment) WHERE gram < 0;

INSERT INTO names_waiting (keyspace, id, account, name, version)
SELECT keyspace, id, account, name, 0 FROM keys WHERE name <> '' ORDER BY keyspace, id;
UPDATE editions
SET names_waiting = (SELECT count(*) FROM names_waiting AS w WHERE w.keyspace = editions.keyspace);

-- Uses a day of all keys of an account together: they are asked with every look at an account, which may have very many.
CREATE TABLE account_uses (
  keyspace TEXT NOT NULL,
  account TEXT NOT NULL,
  day INTEGER NOT NULL,
  count INTEGER NOT NULL CHECK (count >= 0),
  PRIMARY KEY (keyspace, account, day)
) STRICT, WITHOUT ROWID;

CREATE INDEX account_uses_by_day ON account_uses (day);
INSERT INTO account_uses (keyspace, account, day, count)
SELECT keyspace, account, day, sum(count) FROM uses GROUP BY keyspace, account, day;
