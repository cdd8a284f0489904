-- The end of the key that its owner was told of, and the address that was told. Another end, or another address, is
-- told anew.
ALTER TABLE keys ADD COLUMN noticed_end INTEGER;
ALTER TABLE keys ADD COLUMN noticed_address TEXT CHECK ((noticed_address IS NULL) = (noticed_end IS NULL));

-- Nobody was told, or the end or the fields have changed since: only then is looked at whether somebody is to be told.
ALTER TABLE keys ADD COLUMN notice_is_open INTEGER NOT NULL DEFAULT 1
CHECK (notice_is_open IN (0, 1) AND (notice_is_open = 1 OR noticed_end IS NOT NULL));

CREATE INDEX keys_by_notice ON keys (keyspace, expires_at, id)
WHERE state = 'active' AND expires_at IS NOT NULL AND notice_is_open = 1;
