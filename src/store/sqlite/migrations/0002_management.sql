-- The management core. Digests carry their scheme, and a digest names one key of a keyspace whether it is its present
-- secret or the one before; places, usage, idempotency; rights; the audit trail becomes a chain of hashes, which the
-- program computes for what is there (migrations.rs).

-- What changes with every change stands apart from what a keyspace consists of, which may be long.
CREATE TABLE editions (
  keyspace TEXT PRIMARY KEY REFERENCES keyspaces (id),
  era INTEGER NOT NULL CHECK (era >= 1),
  epoch INTEGER NOT NULL CHECK (epoch >= 1),
  changed_at INTEGER NOT NULL,
  -- How far the creation of a key is at most from the time that its id tells, in milliseconds.
  id_skew INTEGER NOT NULL DEFAULT 0,
  -- At least as many as there are rows in names_waiting.
  names_waiting INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

-- An id tells its time from its 14th bit on, in milliseconds since 2020 (key/id.rs).
INSERT INTO editions (keyspace, era, epoch, changed_at, id_skew)
SELECT id, era, epoch, changed_at,
       (SELECT coalesce(max(abs(k.created_at - ((k.id >> 13) + 1577836800000))), 0)
        FROM keys AS k WHERE k.keyspace = keyspaces.id)
FROM keyspaces;

ALTER TABLE keyspaces DROP COLUMN era;
ALTER TABLE keyspaces DROP COLUMN epoch;
ALTER TABLE keyspaces DROP COLUMN changed_at;
ALTER TABLE keyspaces ADD COLUMN profile_toml TEXT;

ALTER TABLE accounts ADD COLUMN keys_enabled INTEGER NOT NULL DEFAULT 1 CHECK (keys_enabled IN (0, 1));
ALTER TABLE accounts ADD COLUMN monthly_uses INTEGER CHECK (monthly_uses >= 0);
ALTER TABLE accounts ADD COLUMN revision INTEGER NOT NULL DEFAULT 1;
-- How many keys it has: lists say it with every part.
ALTER TABLE accounts ADD COLUMN keys INTEGER NOT NULL DEFAULT 0 CHECK (keys >= 0);

UPDATE accounts SET keys = (SELECT count(*) FROM keys AS k WHERE k.keyspace = accounts.keyspace AND k.account = accounts.id);

-- rights: 'all', also those that are added later, or names between spaces. levels: a JSON array, or NULL for all.
CREATE TABLE operators_2 (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN ('operator', 'portal_link')),
  name TEXT NOT NULL,
  scheme TEXT NOT NULL,
  digest BLOB NOT NULL UNIQUE CHECK (length(digest) = 32),
  hint TEXT NOT NULL,
  keyspace TEXT REFERENCES keyspaces (id),
  account TEXT CHECK (account IS NULL OR keyspace IS NOT NULL),
  rights TEXT NOT NULL CHECK (rights <> ''),
  levels TEXT,
  expires_at INTEGER,
  created_at INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  FOREIGN KEY (keyspace, account) REFERENCES accounts (keyspace, id)
) STRICT, WITHOUT ROWID;

INSERT INTO operators_2 (id, kind, name, scheme, digest, hint, rights, created_at, created_by)
SELECT id, 'operator', name, 'sha256', digest, '', rights, created_at, 'system' FROM operators;
DROP TABLE operators;
ALTER TABLE operators_2 RENAME TO operators;
CREATE INDEX operators_by_reach ON operators (keyspace, account, id);
CREATE INDEX operators_by_expiry ON operators (expires_at) WHERE kind = 'portal_link';

-- No two tokens of the server have the same id, whatever their keyspaces.
ALTER TABLE tokens ADD COLUMN scheme TEXT NOT NULL DEFAULT 'sha256';
ALTER TABLE tokens ADD COLUMN last_read_at INTEGER;
ALTER TABLE tokens ADD COLUMN last_reported_at INTEGER;
CREATE UNIQUE INDEX tokens_by_id ON tokens (id);

-- name: what people know it by, folded; '' where it has none. constraints: a JSON object, '{}' for none.
CREATE TABLE keys_2 (
  keyspace TEXT NOT NULL,
  id INTEGER NOT NULL,
  account TEXT NOT NULL,
  name TEXT NOT NULL,
  scheme TEXT NOT NULL,
  digest BLOB NOT NULL CHECK (length(digest) = 32),
  hint TEXT NOT NULL,
  level TEXT NOT NULL,
  constraints TEXT NOT NULL,
  rate_limit INTEGER,
  rate_window INTEGER CHECK ((rate_window IS NULL) = (rate_limit IS NULL)),
  fields TEXT NOT NULL,
  subject TEXT,
  meta TEXT,
  state TEXT NOT NULL CHECK (state IN ('active', 'disabled', 'deactivated')),
  state_since INTEGER CHECK ((state_since IS NULL) = (state = 'active')),
  created_at INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  updated_at INTEGER NOT NULL,
  revision INTEGER NOT NULL CHECK (revision >= 1),
  expires_at INTEGER,
  enabled_at INTEGER,
  rotated_at INTEGER,
  last_used_at INTEGER,
  -- Since when nothing has kept it awake.
  idle_since INTEGER AS (max(created_at, coalesce(enabled_at, 0), coalesce(last_used_at, 0))) VIRTUAL,
  -- The key itself under this master key, where the profile makes keys recoverable.
  sealed_master BLOB CHECK (length(sealed_master) = 8),
  sealed BLOB CHECK ((sealed IS NULL) = (sealed_master IS NULL)),
  PRIMARY KEY (keyspace, id),
  FOREIGN KEY (keyspace, account) REFERENCES accounts (keyspace, id)
) STRICT, WITHOUT ROWID;

INSERT INTO keys_2 (keyspace, id, account, name, scheme, digest, hint, level, constraints, fields, subject, meta, state,
                    state_since, created_at, created_by, updated_at, revision, expires_at, last_used_at)
SELECT keyspace, id, account, '', 'sha256', digest, hint, level, '{}', fields, subject, meta, state,
       state_since, created_at, created_by, updated_at, 1, expires_at, last_used_at
FROM keys;
DROP TABLE keys;
ALTER TABLE keys_2 RENAME TO keys;

CREATE INDEX keys_by_account ON keys (keyspace, account, id);
CREATE INDEX keys_by_name ON keys (keyspace, name, id) WHERE name <> '';
CREATE INDEX keys_by_subject ON keys (keyspace, subject, id) WHERE subject IS NOT NULL;
CREATE INDEX keys_by_level ON keys (keyspace, level, id);
CREATE INDEX keys_by_state ON keys (keyspace, state, id, expires_at);
CREATE INDEX keys_by_expiry ON keys (keyspace, expires_at, id) WHERE state = 'active' AND expires_at IS NOT NULL;
CREATE INDEX keys_by_use ON keys (keyspace, last_used_at, id);
CREATE INDEX keys_by_idleness ON keys (keyspace, idle_since, id) WHERE state = 'active';
CREATE INDEX keys_by_master ON keys (sealed_master, keyspace, id) WHERE sealed_master IS NOT NULL;

-- The secrets before the last rotations, as long as they count, and a little longer.
CREATE TABLE retiring (
  keyspace TEXT NOT NULL,
  id INTEGER NOT NULL,
  scheme TEXT NOT NULL,
  digest BLOB NOT NULL CHECK (length(digest) = 32),
  hint TEXT NOT NULL,
  ends_at INTEGER NOT NULL,
  -- So many milliseconds after the first use of the newest secret; NULL where that does not matter, or has been reckoned.
  ends_after_use INTEGER,
  PRIMARY KEY (keyspace, id),
  FOREIGN KEY (keyspace, id) REFERENCES keys (keyspace, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- A digest names one key of a keyspace, and a shard is written in the order of digests: present and retiring ones.
CREATE TABLE digests (
  keyspace TEXT NOT NULL,
  digest BLOB NOT NULL CHECK (length(digest) = 32),
  id INTEGER NOT NULL,
  is_retiring INTEGER NOT NULL CHECK (is_retiring IN (0, 1)),
  PRIMARY KEY (keyspace, digest)
) STRICT, WITHOUT ROWID;

INSERT INTO digests SELECT keyspace, digest, id, 0 FROM keys ORDER BY keyspace, digest;

-- Places that at most one key of an account holds. A key that gave one up keeps the row, to take it again.
CREATE TABLE key_slots (
  keyspace TEXT NOT NULL,
  id INTEGER NOT NULL,
  field TEXT NOT NULL,
  value TEXT NOT NULL,
  account TEXT NOT NULL,
  while_active INTEGER NOT NULL CHECK (while_active IN (0, 1)),
  held INTEGER NOT NULL CHECK (held = 1 OR (held = 0 AND while_active = 1)),
  PRIMARY KEY (keyspace, id, field, value),
  FOREIGN KEY (keyspace, id) REFERENCES keys (keyspace, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX key_slots_held ON key_slots (keyspace, account, field, value) WHERE held = 1;

-- What parts of names are found by: names that are too new for a segment, and segments of some thousand keys each with
-- their grams, the runs of one, two and three characters. Segments are never changed: what they say is held against the
-- key (names/mod.rs).
CREATE TABLE names_waiting (
  keyspace TEXT NOT NULL,
  id INTEGER NOT NULL,
  name TEXT NOT NULL,
  PRIMARY KEY (keyspace, id),
  FOREIGN KEY (keyspace, id) REFERENCES keys (keyspace, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE name_segments (
  number INTEGER PRIMARY KEY,
  keyspace TEXT NOT NULL REFERENCES keyspaces (id),
  first_id INTEGER NOT NULL,
  last_id INTEGER NOT NULL,
  -- Eight bytes each, rising.
  ids BLOB NOT NULL
) STRICT;

CREATE INDEX name_segments_by_id ON name_segments (keyspace, last_id, first_id);

-- members: the positions in the segment's ids of the keys whose names have the gram, packed.
CREATE TABLE name_grams (
  segment INTEGER NOT NULL REFERENCES name_segments (number) ON DELETE CASCADE,
  gram INTEGER NOT NULL,
  members BLOB NOT NULL,
  PRIMARY KEY (segment, gram)
) STRICT, WITHOUT ROWID;

-- Answers that can be had again. until: milliseconds.
CREATE TABLE remembered (
  id BLOB PRIMARY KEY CHECK (length(id) = 32),
  fingerprint BLOB NOT NULL CHECK (length(fingerprint) = 32),
  sealed BLOB NOT NULL,
  until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX remembered_by_end ON remembered (until);

-- Uses a day, in days since 1970. Outlives the keys: what was used was used.
CREATE TABLE uses (
  keyspace TEXT NOT NULL,
  id INTEGER NOT NULL,
  day INTEGER NOT NULL,
  account TEXT NOT NULL,
  count INTEGER NOT NULL CHECK (count >= 0),
  PRIMARY KEY (keyspace, id, day)
) STRICT, WITHOUT ROWID;

CREATE INDEX uses_by_day ON uses (keyspace, day, id);
CREATE INDEX uses_by_account ON uses (keyspace, account, day, id);

-- Reports of uses that were taken in: one that comes again counts once.
CREATE TABLE batches (
  keyspace TEXT NOT NULL REFERENCES keyspaces (id),
  batch BLOB NOT NULL CHECK (length(batch) = 32),
  at INTEGER NOT NULL,
  PRIMARY KEY (keyspace, batch)
) STRICT, WITHOUT ROWID;

CREATE INDEX batches_by_time ON batches (at);

ALTER TABLE audit ADD COLUMN hash BLOB NOT NULL
  DEFAULT x'0000000000000000000000000000000000000000000000000000000000000000' CHECK (length(hash) = 32);

CREATE INDEX audit_by_target ON audit (keyspace, target, sequence);
CREATE INDEX audit_by_account ON audit (keyspace, account, sequence);
CREATE INDEX audit_by_action ON audit (keyspace, action, sequence);
CREATE INDEX audit_by_actor ON audit (keyspace, actor, sequence);
