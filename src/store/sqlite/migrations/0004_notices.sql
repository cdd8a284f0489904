-- The end of the key that its owner was told of, and the address that was told. Another end, or another address, is told
-- anew.
ALTER TABLE keys ADD COLUMN noticed_end INTEGER;
ALTER TABLE keys ADD COLUMN noticed_address TEXT CHECK ((noticed_address IS NULL) = (noticed_end IS NULL));

CREATE INDEX keys_by_notice ON keys (keyspace, expires_at, id)
WHERE state = 'active' AND expires_at IS NOT NULL AND noticed_end IS NOT expires_at;
