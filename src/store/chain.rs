//! The hash chain of the audit trail: each entry carries a hash over the hash before and over itself, so that whoever
//! changes, removes or slips in an entry has to change every later one (docs/operating.md has the bytes).

use sha2::{Digest as _, Sha256};

use super::AuditEntry;

/// What stands before the first entry.
pub const START: [u8; 32] = [0; 32];

/// Keeps these hashes apart from all others that are made of the same bytes.
const DOMAIN: &[u8] = b"keyward-audit-1\0";

/// In place of a length: the field is absent, which is not the same as empty.
const ABSENT: u32 = u32::MAX;

/// The hash that `entry` must have behind an entry with the hash `previous`. Its own hash is not looked at.
pub fn link(previous: &[u8; 32], entry: &AuditEntry) -> [u8; 32] {
    let mut hasher = Sha256::new_with_prefix(DOMAIN);
    hasher.update(previous);
    let mut field = |bytes: Option<&[u8]>| match bytes {
        Some(bytes) => {
            // Nothing that is written here comes near 4 GiB; what did would only not be told apart from its kind.
            let length = u32::try_from(bytes.len()).unwrap_or(ABSENT - 1);
            hasher.update(length.to_le_bytes());
            hasher.update(bytes);
        }
        None => hasher.update(ABSENT.to_le_bytes()),
    };
    field(Some(&entry.sequence.to_le_bytes()));
    field(Some(&entry.at.as_millis().to_le_bytes()));
    field(Some(entry.actor.as_bytes()));
    field(Some(entry.action.as_bytes()));
    field(entry.keyspace.as_deref().map(str::as_bytes));
    field(entry.account.as_deref().map(str::as_bytes));
    field(Some(entry.target.as_bytes()));
    field(
        entry
            .epoch
            .map(u64::to_le_bytes)
            .as_ref()
            .map(|epoch| &epoch[..]),
    );
    field(Some(entry.details.as_bytes()));
    hasher.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Timestamp;

    fn entry() -> AuditEntry {
        AuditEntry {
            sequence: 1,
            at: Timestamp::from_millis(1_795_292_040_123).expect("positive"),
            actor: "op_1".to_owned(),
            action: "key.create".to_owned(),
            account: Some("acme".to_owned()),
            target: "key_1".to_owned(),
            keyspace: Some("shop".to_owned()),
            epoch: Some(2),
            details: "{}".to_owned(),
            hash: START,
        }
    }

    #[test]
    fn every_part_counts() {
        let whole = link(&START, &entry());
        let mut others = vec![link(&whole, &entry())];
        let changes: [fn(&mut AuditEntry); 11] = [
            |entry| entry.sequence = 2,
            |entry| entry.at = entry.at.saturating_add_millis(1),
            |entry| entry.actor = "op_2".to_owned(),
            |entry| entry.action = "key.creat".to_owned(),
            |entry| entry.account = None,
            |entry| entry.account = Some(String::new()),
            |entry| entry.target.push('e'),
            |entry| entry.keyspace = None,
            |entry| entry.epoch = None,
            |entry| entry.epoch = Some(3),
            |entry| entry.details.push(' '),
        ];
        for change in changes {
            let mut other = entry();
            change(&mut other);
            others.push(link(&START, &other));
        }
        others.push(whole);
        let count = others.len();
        others.sort_unstable();
        others.dedup();
        assert_eq!(others.len(), count, "no two are alike");
    }

    #[test]
    fn the_bytes_are_those_of_the_documentation() {
        // Made by hand, from docs/operating.md alone.
        let mut bytes = b"keyward-audit-1\0".to_vec();
        bytes.extend([0; 32]);
        bytes.extend(b"\x08\0\0\0\x01\0\0\0\0\0\0\0");
        bytes.extend(b"\x08\0\0\0");
        bytes.extend(1_795_292_040_123_i64.to_le_bytes());
        bytes.extend(
            b"\x04\0\0\0op_1\x0a\0\0\0key.create\x04\0\0\0shop\x04\0\0\0acme\x05\0\0\0key_1",
        );
        bytes.extend(b"\x08\0\0\0\x02\0\0\0\0\0\0\0\x02\0\0\0{}");
        assert_eq!(
            link(&START, &entry()),
            <[u8; 32]>::from(Sha256::digest(&bytes))
        );

        let of_the_server = AuditEntry {
            keyspace: None,
            account: None,
            epoch: None,
            ..entry()
        };
        let mut bytes = b"keyward-audit-1\0".to_vec();
        bytes.extend([0; 32]);
        bytes.extend(b"\x08\0\0\0\x01\0\0\0\0\0\0\0\x08\0\0\0");
        bytes.extend(1_795_292_040_123_i64.to_le_bytes());
        bytes.extend(b"\x04\0\0\0op_1\x0a\0\0\0key.create\xff\xff\xff\xff\xff\xff\xff\xff\x05\0\0\0key_1\xff\xff\xff\xff");
        bytes.extend(b"\x02\0\0\0{}");
        assert_eq!(
            link(&START, &of_the_server),
            <[u8; 32]>::from(Sha256::digest(&bytes))
        );
    }
}
