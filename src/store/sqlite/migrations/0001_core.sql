-- Instants are milliseconds since 1970. Keys, tokens and operator keys are kept as SHA-256 digests only.

CREATE TABLE settings (
  name TEXT PRIMARY KEY,
  value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE operators (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  digest BLOB NOT NULL UNIQUE CHECK (length(digest) = 32),
  rights TEXT NOT NULL CHECK (rights IN ('all')),
  created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE keyspaces (
  id TEXT PRIMARY KEY,
  profile TEXT NOT NULL,
  profile_digest BLOB NOT NULL CHECK (length(profile_digest) = 32),
  era INTEGER NOT NULL CHECK (era >= 1),
  epoch INTEGER NOT NULL CHECK (epoch >= 1),
  changed_at INTEGER NOT NULL,
  root_public TEXT NOT NULL,
  signing_seed BLOB NOT NULL CHECK (length(signing_seed) = 32),
  keyring BLOB NOT NULL,
  fresh_for_seconds INTEGER NOT NULL,
  valid_for_seconds INTEGER NOT NULL,
  created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE accounts (
  keyspace TEXT NOT NULL REFERENCES keyspaces (id),
  id TEXT NOT NULL,
  name TEXT,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (keyspace, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE keys (
  keyspace TEXT NOT NULL,
  id INTEGER NOT NULL,
  account TEXT NOT NULL,
  digest BLOB NOT NULL CHECK (length(digest) = 32),
  hint TEXT NOT NULL,
  level TEXT NOT NULL,
  fields TEXT NOT NULL,
  subject TEXT,
  meta TEXT,
  state TEXT NOT NULL CHECK (state IN ('active', 'disabled', 'deactivated')),
  state_since INTEGER CHECK ((state_since IS NULL) = (state = 'active')),
  created_at INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  updated_at INTEGER NOT NULL,
  expires_at INTEGER,
  last_used_at INTEGER,
  PRIMARY KEY (keyspace, id),
  FOREIGN KEY (keyspace, account) REFERENCES accounts (keyspace, id)
) STRICT, WITHOUT ROWID;

-- A digest names one key of a keyspace, and a shard is written in the order of digests.
CREATE UNIQUE INDEX keys_by_digest ON keys (keyspace, digest);
CREATE INDEX keys_by_account ON keys (keyspace, account, id);

CREATE TABLE tokens (
  keyspace TEXT NOT NULL REFERENCES keyspaces (id),
  id TEXT NOT NULL,
  digest BLOB NOT NULL UNIQUE CHECK (length(digest) = 32),
  rights TEXT NOT NULL,
  name TEXT,
  hint TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  PRIMARY KEY (keyspace, id)
) STRICT, WITHOUT ROWID;

-- Outlives what it tells of, therefore no foreign keys. Without a keyspace: what concerns the whole server.
CREATE TABLE audit (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  keyspace TEXT,
  account TEXT,
  target TEXT NOT NULL,
  epoch INTEGER,
  details TEXT NOT NULL
) STRICT;

CREATE INDEX audit_by_keyspace ON audit (keyspace, sequence);
