//! A service over a directory of its own, with keyspaces, accounts and a clock that stands still until it is moved.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use keyward::env::{Clock, SystemEntropy};
use keyward::key::Secret;
use keyward::service::{
    AccountPath, Code, CreateAccount, CreateKey, CreateKeyspace, CreateToken, Created,
    DataDirectory, KeyRecord, KeyTransition, MasterKey, MasterKeys, Options, Principal, RotateKey,
    Service, ServiceError, UpdateAccount, Verified, VerifyAsk,
};
use keyward::time::Timestamp;
use keyward::verify::Reason;
use zeroize::Zeroizing;

use crate::directory::Directory;

pub(crate) const SECOND: i64 = 1_000;
pub(crate) const HOUR: i64 = 3_600 * SECOND;
pub(crate) const DAY: i64 = 24 * HOUR;

/// 2026-11-22T00:00:00Z.
pub(crate) const START: i64 = 1_795_305_600_000;

/// A clock that stands still.
pub(crate) struct Watch(AtomicI64);

impl Clock for Watch {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst)).expect("after 1970")
    }
}

impl Watch {
    pub(crate) fn pass(&self, millis: i64) {
        self.0.fetch_add(millis, Ordering::SeqCst);
    }
}

/// A running service, and whoever may do everything with it.
pub(crate) struct House {
    pub(crate) service: Arc<Service>,
    pub(crate) clock: Arc<Watch>,
    pub(crate) boss: Principal,
    pub(crate) directory: Directory,
}

pub(crate) fn master(byte: u8) -> MasterKey {
    MasterKey::from_bytes([byte; 32])
}

impl House {
    /// With a master key.
    pub(crate) fn new() -> Self {
        Self::with(MasterKeys::new(Some(master(1)), Vec::new()))
    }

    pub(crate) fn with(master_keys: MasterKeys) -> Self {
        let directory = Directory::new();
        let clock = Arc::new(Watch(AtomicI64::new(START)));
        let service = open(&directory, &clock, master_keys);
        let boss = service
            .create_first_operator(|_| Ok(()))
            .expect("an empty directory");
        Self {
            service: Arc::new(service),
            clock,
            boss: Principal::from(boss),
            directory,
        }
    }

    /// The same directory, opened anew.
    pub(crate) fn reopened(self, master_keys: MasterKeys) -> Self {
        let Self {
            service,
            clock,
            boss,
            directory,
        } = self;
        drop(Arc::into_inner(service).expect("nobody else uses it"));
        let service = Arc::new(open(&directory, &clock, master_keys));
        Self {
            service,
            clock,
            boss,
            directory,
        }
    }

    /// A keyspace with this preset, and an account `acme` in it; of keys that name their account, `6`.
    pub(crate) fn shop(&self, profile: &str) -> AccountPath {
        let create = CreateKeyspace {
            id: profile.to_owned(),
            profile: Some(profile.to_owned()),
            ..CreateKeyspace::default()
        };
        self.service
            .create_keyspace(&self.boss, create)
            .expect("a new keyspace");
        let account = if profile == "inboxfirst" { "6" } else { "acme" };
        self.account(profile, account)
    }

    /// As [`shop`](Self::shop), with a profile of its own.
    pub(crate) fn own_shop(&self, id: &str, toml: &str) -> AccountPath {
        let create = CreateKeyspace {
            id: id.to_owned(),
            profile_toml: Some(toml.to_owned()),
            ..CreateKeyspace::default()
        };
        self.service
            .create_keyspace(&self.boss, create)
            .expect("a good profile");
        self.account(id, "acme")
    }

    pub(crate) fn account(&self, keyspace: &str, account: &str) -> AccountPath {
        let create = CreateAccount {
            id: Some(account.to_owned()),
            ..CreateAccount::default()
        };
        self.service
            .create_account(&self.boss, keyspace, create)
            .expect("a new account");
        AccountPath {
            keyspace: keyspace.to_owned(),
            account: account.to_owned(),
        }
    }

    pub(crate) fn enable_keys(&self, account: &AccountPath, enabled: bool) {
        let update = UpdateAccount {
            keys_enabled: Some(enabled),
            ..UpdateAccount::default()
        };
        self.service
            .update_account(&self.boss, account, &update, None)
            .expect("an account");
    }

    pub(crate) fn create(&self, account: &AccountPath, create: &CreateKey) -> Made {
        self.try_create(account, create).expect("a good key")
    }

    pub(crate) fn try_create(
        &self,
        account: &AccountPath,
        create: &CreateKey,
    ) -> Result<Made, ServiceError> {
        let created = self.service.create_key(&self.boss, account, create, None)?;
        Ok(Made::of(account, created))
    }

    pub(crate) fn record(&self, made: &Made) -> KeyRecord {
        self.service
            .key(&self.boss, &made.account, &made.id())
            .expect("still there")
    }

    pub(crate) fn change(
        &self,
        made: &Made,
        transition: KeyTransition,
    ) -> Result<KeyRecord, ServiceError> {
        self.service
            .change_key(&self.boss, &made.account, &made.id(), transition, None)
    }

    pub(crate) fn rotate(&self, made: &Made, rotate: &RotateKey) -> Made {
        let created = self
            .service
            .rotate_key(&self.boss, &made.account, &made.id(), rotate, None, None)
            .expect("a key that can be rotated");
        Made::of(&made.account, created)
    }

    /// Whether the key is alive, and why not; a use where it is.
    pub(crate) fn verify(&self, made: &Made) -> Result<(), Reason> {
        match self.ask(made, VerifyAsk::default()) {
            Verified::Allowed(_) => Ok(()),
            Verified::Denied { reason, .. } => Err(reason),
        }
    }

    pub(crate) fn ask(&self, made: &Made, ask: VerifyAsk) -> Verified {
        let ask = VerifyAsk {
            key: made.presented(),
            ..ask
        };
        self.service
            .verify(&self.boss, &made.account.keyspace, &ask)
            .expect("a good question")
    }

    /// Has the files made that edges fetch, so that they decide.
    pub(crate) fn publish(&self, keyspace: &str) {
        let order = self
            .service
            .order_head(&self.boss, keyspace)
            .expect("a keyspace");
        self.service.publish(&order).expect("files");
    }

    /// An edge that reads snapshots and reports usage.
    pub(crate) fn edge(&self, keyspace: &str) -> Principal {
        let create = CreateToken {
            rights: vec!["snapshot.read".to_owned(), "usage.write".to_owned()],
            ..CreateToken::default()
        };
        let issued = self
            .service
            .create_token(&self.boss, keyspace, &create)
            .expect("a token");
        Principal::from(issued.record)
    }
}

fn open(directory: &Directory, clock: &Arc<Watch>, master_keys: MasterKeys) -> Service {
    let data = DataDirectory::open(&directory.path().join("data")).expect("a directory");
    let options = Options {
        master_keys,
        ..Options::default()
    };
    let clock: Arc<dyn Clock> = Arc::<Watch>::clone(clock);
    Service::open_with(data, clock, Arc::new(SystemEntropy), options).expect("a database")
}

/// A key, as its maker has it.
pub(crate) struct Made {
    pub(crate) account: AccountPath,
    pub(crate) secret: Secret,
    pub(crate) record: KeyRecord,
}

impl Made {
    pub(crate) fn of(account: &AccountPath, created: Created<KeyRecord>) -> Self {
        Self {
            account: account.clone(),
            secret: created.secret.expect("shown once"),
            record: created.record,
        }
    }

    pub(crate) fn id(&self) -> String {
        self.record.id.to_string()
    }

    pub(crate) fn presented(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(self.secret.expose().as_bytes().to_vec())
    }
}

/// A key with one field filled in.
pub(crate) fn key(field: &str, value: &str, level: &str) -> CreateKey {
    CreateKey {
        fields: BTreeMap::from([(field.to_owned(), Some(value.to_owned()))]),
        level: Some(level.to_owned()),
        ..CreateKey::default()
    }
}

/// The code of a refusal.
pub(crate) fn code<T>(result: Result<T, ServiceError>) -> Code {
    result.map(|_| ()).expect_err("refused").code()
}
