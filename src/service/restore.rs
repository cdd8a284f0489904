//! Bringing a backup back (threat 6): into a new directory, in a new era that the root key signs, and with what was
//! revoked since the backup revoked again.
//!
//! Edges that have seen the old era follow the new one and refuse the old. The new directory is used by no server
//! before all of it is done: the lock file says so.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use serde_json::json;
use zeroize::Zeroizing;

use super::directory::DataDirectory;
use super::error::{Code, ServiceError};
use super::revocations::{Key, Line, Revoked};
use super::root_key::RootSeed;
use super::{DirectoryError, Options, Service, keys};
use crate::env::{Clock, Entropy};
use crate::snapshot::{Keyring, SigningKey};
use crate::store::{
    self, AccountPath, Act, KeyPath, KeyRecord, KeyTransition, Keyspace, NewSecret, RetiringPlan,
    Rotation, Signing, StoreError,
};
use crate::time::Timestamp;

/// What is restored, and where.
#[derive(Debug)]
pub struct Restore {
    /// The backup.
    pub from: PathBuf,
    /// The new data directory.
    pub data: PathBuf,
    /// The log of revocations of the server that the backup is of; `None` where it is lost.
    pub revocations: Option<PathBuf>,
    /// The file of the root key, needed where there is a keyspace.
    pub root_key: Option<PathBuf>,
    /// No new era is earlier than this one.
    pub min_era: u32,
}

/// What came of it.
#[derive(Debug)]
pub struct Restored {
    /// The keyspaces, and the era that began.
    pub eras: Vec<(String, u32)>,
    /// What was revoked again, a line each.
    pub applied: Vec<String>,
    /// How many revocations the backup knew already.
    pub known: usize,
    /// What was revoked of things that the backup does not have, or could not be revoked again, a line each.
    pub left: Vec<String>,
}

/// Why nothing was restored.
#[derive(Debug)]
pub enum RestoreError {
    /// The new directory is none.
    Directory(DirectoryError),
    /// Anything else.
    Service(ServiceError),
}

impl From<ServiceError> for RestoreError {
    fn from(error: ServiceError) -> Self {
        Self::Service(error)
    }
}

impl From<StoreError> for RestoreError {
    fn from(error: StoreError) -> Self {
        Self::Service(error.into())
    }
}

/// Restores a backup. Where that fails, the new directory is left empty.
pub fn restore(
    restore: &Restore,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy + Send + Sync>,
) -> Result<Restored, RestoreError> {
    let mut backup = open_backup(restore)?;
    let mut lines = match &restore.revocations {
        Some(path) => Line::read_all(path).map_err(|error| unreadable(path, &error))?,
        None => Vec::new(),
    };
    lines.sort_by_key(|line| line.revoked.order());
    let root = match &restore.root_key {
        Some(path) => {
            let seed = RootSeed::read(path).map_err(|error| unreadable(path, &error))?;
            Some(seed.ok_or_else(|| unreadable(path, &"there is no such file"))?)
        }
        None => None,
    };
    let directory =
        DataDirectory::open_for_restore(&restore.data).map_err(RestoreError::Directory)?;
    let restored = fill(
        &mut backup,
        directory,
        restore,
        &lines,
        root.as_ref(),
        clock,
        entropy,
    );
    if restored.is_err() {
        DataDirectory::discard_restore(&restore.data);
    }
    Ok(restored?)
}

/// The file of a backup. One that a server works on, or has worked on without an end, is none: its log belongs to it.
fn open_backup(restore: &Restore) -> Result<File, ServiceError> {
    let path = &restore.from;
    let mut log = path.clone().into_os_string();
    log.push("-wal");
    if std::fs::metadata(&log).is_ok_and(|log| log.len() > 0) {
        let message = format!(
            "{} is the database of a server and no backup; make one with: keyward backup",
            path.display()
        );
        return Err(ServiceError::new(Code::InvalidField, message));
    }
    File::open(path).map_err(|error| unreadable(path, &error))
}

fn unreadable(path: &std::path::Path, why: &dyn std::fmt::Display) -> ServiceError {
    ServiceError::new(Code::InvalidField, format!("{}: {why}", path.display()))
}

fn fill(
    backup: &mut File,
    directory: DataDirectory,
    restore: &Restore,
    lines: &[Line],
    root: Option<&RootSeed>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy + Send + Sync>,
) -> Result<Restored, ServiceError> {
    directory
        .restore_database(backup)
        .map_err(ServiceError::internal)?;
    store::check(&directory.database())?;
    if let Some(log) = &restore.revocations {
        let copied = File::open(log).and_then(|mut from| {
            let mut to = directory.revocations()?;
            io::copy(&mut from, &mut to)?;
            to.sync_all()
        });
        copied.map_err(ServiceError::internal)?;
    }
    let service = Service::open_with(directory, clock, entropy, Options::default())?;
    let before = service.store.keyspaces()?;
    let mut restored = Restored {
        eras: Vec::new(),
        applied: Vec::new(),
        known: 0,
        left: Vec::new(),
    };
    for keyspace in &before {
        let era = next_era(keyspace, lines, restore.min_era);
        service.begin_era(keyspace, era, root)?;
        restored.eras.push((keyspace.id.clone(), era));
    }
    let eras = before
        .iter()
        .map(|keyspace| (&*keyspace.id, keyspace.edition.era))
        .collect();
    for line in lines {
        match service.revoke_again(&line.revoked, &eras)? {
            Again::Applied(what) => restored.applied.push(what),
            Again::Known => restored.known += 1,
            Again::Left(what) => restored.left.push(what),
        }
    }
    let details = json!({
        "eras": restored.eras.iter().cloned().collect::<BTreeMap<_, _>>(),
        "revocations": if restore.revocations.is_some() { "applied" } else { "lost" },
        "applied": restored.applied.len(),
        "known": restored.known,
        "left": restored.left.len(),
    });
    service
        .store
        .note_restore(details, service.act_of_system())?;
    service
        .directory
        .finish_restore()
        .map_err(ServiceError::internal)?;
    Ok(restored)
}

/// Later than every era that is known of: an earlier restore of the same backup began one already.
fn next_era(keyspace: &Keyspace, lines: &[Line], min_era: u32) -> u32 {
    let seen = lines.iter().filter_map(|line| match &line.revoked {
        Revoked::EraBegun { keyspace: id, era } if *id == keyspace.id => Some(*era),
        revoked => revoked
            .key()
            .filter(|key| key.keyspace == keyspace.id)
            .map(|key| key.era),
    });
    let latest = seen.fold(keyspace.edition.era, u32::max);
    latest.saturating_add(1).max(min_era)
}

/// What became of a line of the log.
enum Again {
    Applied(String),
    /// The backup knew.
    Known,
    Left(String),
}

impl Service {
    fn act_of_system(&self) -> Act {
        Act::of_server(self.clock.now())
    }

    fn begin_era(
        &self,
        keyspace: &Keyspace,
        era: u32,
        root: Option<&RootSeed>,
    ) -> Result<(), ServiceError> {
        let id = &keyspace.id;
        let root = root.ok_or_else(|| {
            let message = "a new era is signed by the root key, which is in no backup; name its file with --root-key";
            ServiceError::new(Code::RootKeyMissing, message)
        })?;
        let root = root.key(id);
        if root.public().to_string() != keyspace.root_public {
            let message = format!(
                "this is not the root key of keyspace {id}, whose readers pin {}",
                keyspace.root_public
            );
            return Err(ServiceError::new(Code::RootKeyMissing, message));
        }
        let mut seed = Zeroizing::new([0; 32]);
        self.entropy.fill(seed.as_mut());
        let keyring = Keyring {
            keyspace: id.clone(),
            era,
            keys: vec![SigningKey::from_seed(&seed).public()],
        };
        let signing = Signing {
            seed,
            keyring: keyring.sign(&root).to_bytes(),
        };
        self.store
            .begin_era(id, era, signing, self.act_of_system())?
            .ok_or_else(|| ServiceError::not_found("keyspace"))?;
        self.note_era(id, era);
        Ok(())
    }

    /// Revokes what a line says, unless the backup knew. `eras` are those in which the backup was made.
    fn revoke_again(
        &self,
        revoked: &Revoked,
        eras: &BTreeMap<&str, u32>,
    ) -> Result<Again, ServiceError> {
        let act = self.act_of_system();
        match revoked {
            Revoked::EraBegun { .. } => Ok(Again::Known),
            Revoked::OperatorRemoved { id } => match self.store.delete_operator(id, act) {
                Ok(true) => Ok(Again::Applied(format!("operator {id}: removed"))),
                Ok(false) => Ok(Again::Known),
                Err(error) if error.is_last_operator() => Ok(Again::Left(format!(
                    "operator {id}: had been removed, and is the last here who may do everything; replace it"
                ))),
                Err(error) => Err(error.into()),
            },
            Revoked::OperatorRotated {
                id,
                revision,
                digest,
                hint,
            } => {
                let given =
                    self.store
                        .restore_operator_key(id, *digest, hint.clone(), *revision, act)?;
                Ok(match given {
                    Some(true) => Again::Applied(format!("operator {id}: given its later key")),
                    Some(false) => Again::Known,
                    None => Again::Left(format!("operator {id}: is not in the backup")),
                })
            }
            Revoked::TokenRemoved { keyspace, id } => {
                let removed = self.store.delete_token(keyspace.clone(), id.clone(), act)?;
                let what = || format!("edge token {id} of {keyspace}: removed");
                Ok(if removed {
                    Again::Applied(what())
                } else {
                    Again::Known
                })
            }
            Revoked::KeyDisabled(key)
            | Revoked::KeyDeactivated(key)
            | Revoked::KeyDeleted(key)
            | Revoked::KeyExpires { key, .. }
            | Revoked::KeyRotated { key, .. }
            | Revoked::KeyRetires { key, .. } => {
                let path = KeyPath {
                    account: AccountPath {
                        keyspace: key.keyspace.clone(),
                        account: key.account.clone(),
                    },
                    id: key.id,
                };
                let name = format!("key {} of {}/{}", key.id, key.keyspace, key.account);
                let Some(record) = self.store.key(&path)? else {
                    return Ok(match revoked {
                        Revoked::KeyDeleted(_) => Again::Known,
                        _ => Again::Left(format!("{name}: is not in the backup")),
                    });
                };
                // A key that is there was deleted later, whatever its revision: no id is given twice.
                let is_deleted = matches!(revoked, Revoked::KeyDeleted(_));
                if !is_deleted && !is_later(key, &record, eras) {
                    return Ok(Again::Known);
                }
                match self.revoke_key_again(path, &record, revoked, act) {
                    Ok(Some(what)) => Ok(Again::Applied(format!("{name}: {what}"))),
                    Ok(None) => Ok(Again::Known),
                    // Nothing is left of it to be taken away.
                    Err(error) if error.code() == Code::Deactivated => Ok(Again::Known),
                    Err(error) => Err(error),
                }
            }
        }
    }

    /// What was done, in a word; `None` where it was so already.
    fn revoke_key_again(
        &self,
        path: KeyPath,
        record: &KeyRecord,
        revoked: &Revoked,
        act: Act,
    ) -> Result<Option<&'static str>, ServiceError> {
        match revoked {
            Revoked::KeyDisabled(_) => {
                let changed = self
                    .store
                    .change_key(path, KeyTransition::Disable, None, act)?;
                Ok(changed.map(|_| "disabled"))
            }
            Revoked::KeyDeactivated(_) => {
                let changed = self
                    .store
                    .change_key(path, KeyTransition::Deactivate, None, act)?;
                Ok(changed.map(|_| "deactivated"))
            }
            Revoked::KeyDeleted(_) => {
                let deleted = self.store.delete_key(path, None, act)?;
                Ok(deleted.map(|_| "deleted"))
            }
            Revoked::KeyExpires { expires_at, .. } => {
                if record
                    .content
                    .expires_at
                    .is_some_and(|end| end <= *expires_at)
                {
                    return Ok(None);
                }
                let mut content = record.content.clone();
                content.expires_at = Some(*expires_at);
                let loaded = self.profile_of(&path.account.keyspace)?;
                let index = keys::index(&loaded.profile, &content);
                let changed = self
                    .store
                    .update_key(path, record.revision, content, index, act)?;
                Ok(changed.map(|_| "given its earlier end"))
            }
            Revoked::KeyRotated {
                digest,
                hint,
                ends_at,
                ends_after_use,
                ..
            } => {
                let rotation = Rotation {
                    secret: NewSecret {
                        digest: *digest,
                        hint: hint.clone(),
                        sealed: None,
                    },
                    retiring: plan(*ends_at, *ends_after_use, act.at),
                };
                match self.store.rotate_key(path, rotation, None, None, act) {
                    Ok(rotated) => Ok(rotated.map(|_| "given its later secret")),
                    // The digest is a key's already: it is this one's.
                    Err(error) if error.is_exists() => Ok(None),
                    Err(error) => Err(error.into()),
                }
            }
            Revoked::KeyRetires { ends_at, .. } => {
                let retired = self.store.retire_key(path, *ends_at, act)?;
                Ok(retired.map(|_| "its secret before ends earlier"))
            }
            Revoked::OperatorRemoved { .. }
            | Revoked::OperatorRotated { .. }
            | Revoked::TokenRemoved { .. }
            | Revoked::EraBegun { .. } => Ok(None),
        }
    }
}

/// Whether a line tells of a later state of a key than the record. Lines of the backup's era are told by revision;
/// those of a later one are later, and what was known in an earlier one went into the restore that ended it.
fn is_later(key: &Key, record: &KeyRecord, eras: &BTreeMap<&str, u32>) -> bool {
    let era = eras.get(&*key.keyspace).copied().unwrap_or_default();
    key.era > era || (key.era == era && key.revision > record.revision)
}

/// How the secret before goes on ending.
fn plan(
    ends_at: Option<Timestamp>,
    ends_after_use: Option<i64>,
    now: Timestamp,
) -> Option<RetiringPlan> {
    let ends_at = ends_at.filter(|end| *end > now)?;
    Some(RetiringPlan {
        ends_at,
        ends_after_use,
    })
}
