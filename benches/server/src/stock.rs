//! The databases that are measured, made once through the service itself, and copied for whoever changes them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use keyward::access::Constraint;
use keyward::env::{SystemClock, SystemEntropy};
use keyward::service::{
    AccountPath, CreateAccount, CreateKey, CreateKeyspace, DataDirectory, Principal, Service,
};
use keyward::store::bench::make_in_haste;

use crate::measure::{now, tell, thousands};
use crate::{Bench, Outcome, names};

pub const KEYSPACE: &str = "mails";
const PROFILE: &str = "emailit";
/// Which of the accounts has a tenth of all keys.
const LARGE: usize = 0;
/// How many make keys at once.
const MAKERS: usize = 64;
/// How many keys are kept to be verified.
const KEPT: usize = 1_000;

/// A database that is only read.
pub struct Stock {
    pub keys: usize,
    pub accounts: usize,
    place: PathBuf,
    /// Where copies go.
    copies: PathBuf,
    pub operator: String,
    /// Whole keys without constraints, with their accounts and ids.
    pub kept: Vec<Kept>,
}

pub struct Kept {
    pub account: String,
    pub id: String,
    pub key: String,
}

/// A copy that may be changed; removed when dropped.
pub struct Copy(PathBuf);

impl Copy {
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

impl Stock {
    /// One with a thousand keys, one with a million.
    pub fn both(bench: &Bench) -> Outcome<[Self; 2]> {
        let sizes = if bench.quick {
            [1_000, 20_000]
        } else {
            [1_000, 1_000_000]
        };
        fs::create_dir_all(&bench.data)?;
        let [small, large] = sizes.map(|keys| Self::of(bench, keys));
        Ok([small?, large?])
    }

    fn of(bench: &Bench, keys: usize) -> Outcome<Self> {
        let place = bench.data.join(format!("keys-{keys}"));
        let list = bench.data.join(format!("keys-{keys}.txt"));
        if !list.exists() {
            let _ = fs::remove_dir_all(&place);
            make_in_haste(true);
            let kept = make(&place, keys)?;
            make_in_haste(false);
            // Written last: it says that the database is whole.
            let unfinished = list.with_extension("new");
            fs::write(&unfinished, kept)?;
            fs::rename(unfinished, &list)?;
        }
        let text = fs::read_to_string(list)?;
        let kept = text.lines().filter_map(|line| {
            let mut words = line.split(' ').map(str::to_owned);
            Some(Kept {
                account: words.next()?,
                id: words.next()?,
                key: words.next()?,
            })
        });
        Ok(Self {
            keys,
            accounts: accounts(keys),
            operator: fs::read_to_string(place.join("operator.key"))?
                .trim()
                .to_owned(),
            kept: kept.collect(),
            copies: bench.data.clone(),
            place,
        })
    }

    /// The account with a tenth of all keys.
    pub fn large(&self) -> String {
        account(LARGE)
    }

    /// An account of the usual size.
    pub fn usual(&self, number: usize) -> String {
        account(1 + number % (self.accounts - 1))
    }

    pub fn copy(&self) -> Outcome<Copy> {
        let to = self.copies.join(format!("copy-{}", std::process::id()));
        let _ = fs::remove_dir_all(&to);
        fs::create_dir(&to)?;
        let copy = Copy(to);
        for file in fs::read_dir(&self.place)? {
            let file = file?;
            fs::copy(file.path(), copy.0.join(file.file_name()))?;
        }
        Ok(copy)
    }

    /// How many bytes the database has.
    pub fn size(&self) -> Outcome<f64> {
        Ok(fs::metadata(self.place.join(keyward::store::FILE_NAME))?.len() as f64)
    }
}

/// Says what is measured.
pub fn tell_of(stocks: &[Stock; 2], page: &mut String) -> Outcome {
    let [small, large] = stocks;
    writeln!(
        page,
        "A keyspace with Emailit's profile, where no two keys of an account have the same name: {} keys in {} accounts, or {} in {},\n\
         a tenth of them in one account. Half of them end one day, a sixth is limited to one domain. They were made through the service,\n\
         as any others. Clients and server share the processors. *×* is the median of the rounds' own ratios.\n",
        thousands(small.keys as f64),
        small.accounts,
        thousands(large.keys as f64),
        thousands(large.accounts as f64),
    )?;
    Ok(())
}

fn accounts(keys: usize) -> usize {
    (keys / 1_000).max(10)
}

fn account(number: usize) -> String {
    format!("customer-{number:04}")
}

pub fn path(account: String) -> AccountPath {
    AccountPath {
        keyspace: KEYSPACE.to_owned(),
        account,
    }
}

/// The service over a directory, and the operator who may do everything.
pub fn open(place: &Path) -> Outcome<(Arc<Service>, Principal)> {
    let directory = DataDirectory::open(place)?;
    let service = Service::open(directory, Arc::new(SystemClock), Arc::new(SystemEntropy))?;
    if !service.is_initialised()? {
        service.create_first_operator(|key| service.directory().write_operator_key(key))?;
    }
    let operator = fs::read_to_string(service.directory().operator_key_file())?;
    let caller = service.authenticate(operator.trim().as_bytes())?;
    Ok((Arc::new(service), caller))
}

/// What a key of this number is made from.
pub fn create(name: String, number: usize) -> Outcome<CreateKey> {
    let is_limited = number % 6 == 1;
    let mut constraints = BTreeMap::new();
    if is_limited {
        let domain = 1_000 + i64::try_from(number)? % 5_000;
        constraints.insert("sending_domain_id".to_owned(), Constraint::only([domain])?);
    }
    Ok(CreateKey {
        fields: BTreeMap::from([("name".to_owned(), Some(name))]),
        level: Some(if number % 2 == 1 { "sending" } else { "full" }.to_owned()),
        constraints,
        expires_in_days: (number % 4 < 2).then_some(3_650),
        ..CreateKey::default()
    })
}

/// Makes a database, and returns the list of keys to be verified.
fn make(place: &Path, keys: usize) -> Outcome<String> {
    let (service, caller) = open(place)?;
    let keyspace = CreateKeyspace {
        id: KEYSPACE.to_owned(),
        profile: Some(PROFILE.to_owned()),
        ..CreateKeyspace::default()
    };
    service.create_keyspace(&caller, keyspace)?;
    for number in 0..accounts(keys) {
        let one = CreateAccount {
            id: Some(account(number)),
            name: Some(format!("Customer {number} Ltd")),
            ..CreateAccount::default()
        };
        service.create_account(&caller, KEYSPACE, one)?;
    }
    let owners = owners(keys);
    let next = AtomicUsize::new(0);
    let kept = Mutex::new(Vec::new());
    let began = now();
    let work = || -> Result<(), String> {
        loop {
            let turn = next.fetch_add(1, Ordering::Relaxed);
            let Some(&(owner, number)) = owners.get(turn) else {
                return Ok(());
            };
            let create =
                create(names::of(owner, number), turn).map_err(|error| error.to_string())?;
            let path = path(account(owner));
            let made = service
                .create_key(&caller, &path, &create, None)
                .map_err(|error| error.to_string())?;
            if let Some(secret) = made.secret
                && turn % (keys / KEPT) == 0
                && create.constraints.is_empty()
            {
                let line = format!("{} {} {}\n", path.account, made.record.id, secret.expose());
                kept.lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push(line);
            }
            if turn > 0 && turn % (keys / 20).max(1) == 0 {
                let share = turn * 100 / keys;
                let rate = turn as f64 / began.elapsed().as_secs_f64();
                tell(&format!(
                    "{} keys to be measured: {share} %, {} a second",
                    thousands(keys as f64),
                    thousands(rate)
                ));
            }
        }
    };
    thread::scope(|scope| {
        let makers: Vec<_> = (0..MAKERS).map(|_| scope.spawn(work)).collect();
        makers
            .into_iter()
            .try_for_each(|maker| maker.join().map_err(|_| "a maker panicked")?)
    })?;
    drop(service);
    Ok(kept
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner)
        .concat())
}

/// For each key its account and its number there, as they come: accounts take turns without an order.
fn owners(keys: usize) -> Vec<(usize, usize)> {
    let accounts = accounts(keys);
    let mut numbers = vec![0; accounts];
    let mut state = 1_u64;
    let mut owners = Vec::with_capacity(keys);
    for turn in 0..keys {
        // Knuth's multiplier: the same accounts in every run.
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        let owner = if turn % 10 == 0 {
            LARGE
        } else {
            1 + (state >> 33) as usize % (accounts - 1)
        };
        owners.push((owner, numbers[owner]));
        numbers[owner] += 1;
    }
    owners
}
