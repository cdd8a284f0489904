//! Measures whether the time of a refusal tells how near a key came to one that is known (threat 24).
//!
//! Who guesses keys learns at most something about their digests, which he cannot choose. Here he can: every key has one
//! record beside it, whose digest agrees with the key's own up to a byte of our choice. Of two classes of keys each has
//! one record in every bucket of the table, so that they differ in nothing else.
//!
//! Prints dudect's table, a line for each pair of classes; `KEYWARD_SAMPLES` says how often each pair is measured (10⁶, if
//! it is not set), an argument which pairs. What begins with `planted` has to be caught. What ends with `revoked` shows that
//! a key which was switched off is told from one that never was, by a few nanoseconds and to nobody but its holder. All
//! others must not differ.

use std::env;
use std::hint::black_box;

use dudect_bencher::ctbench::{BenchMetadata, BenchName, BenchOpts, run_benches_console};
use dudect_bencher::rand::RngExt as _;
use dudect_bencher::{BenchRng, Class, CtRunner};
use keyward::access::Context;
use keyward::key::{Digest, DigestScheme};
use keyward::profile::Profile;
use keyward::time::Timestamp;
use keyward::verify::{Ask, Reason, Record, Status, Verifier};

/// Keys of each class, one for each bucket of the table.
const KEYS: usize = 1_024;
const BUCKET_BITS: u32 = KEYS.ilog2();
/// Further records, anywhere, so that buckets begin anywhere in memory. Up to 4,095 in all there are 1,024 buckets.
const OTHERS: usize = 1_024;

/// So many times the keys are drawn anew: what is peculiar to some of them evens out.
const ROUNDS: usize = 50;

/// What the record beside a key is.
#[derive(Clone, Copy)]
enum Beside {
    /// Its digest differs in this byte and no other.
    Differs(usize),
    /// The key's own, which is switched off.
    Revoked,
}

/// Two classes, and how to measure them.
type Pair = (&'static str, fn(&mut CtRunner, &mut BenchRng));

fn main() {
    let pairs: [Pair; 5] = [
        ("unknown_or_wrong_last_byte", |runner, rng| {
            // Byte 2 is behind the bucket and in the word that is looked for first.
            verify(runner, rng, [Beside::Differs(2), Beside::Differs(31)]);
        }),
        ("wrong_first_or_last_byte", |runner, rng| {
            // Byte 8 is the first one that only the whole comparison sees.
            verify(runner, rng, [Beside::Differs(8), Beside::Differs(31)]);
        }),
        ("unknown_or_revoked", |runner, rng| {
            verify(runner, rng, [Beside::Differs(2), Beside::Revoked]);
        }),
        ("same", |runner, rng| {
            verify(runner, rng, [Beside::Differs(31), Beside::Differs(31)]);
        }),
        ("planted_early_exit", planted),
    ];
    let options = BenchOpts {
        filter: env::args().nth(1),
        ..BenchOpts::default()
    };
    let benches = pairs.map(|(name, benchfn)| BenchMetadata {
        name: BenchName(name),
        seed: None,
        benchfn,
    });
    run_benches_console(options, benches.into()).expect("somebody reads this");
}

fn samples() -> usize {
    let asked = env::var("KEYWARD_SAMPLES").ok();
    asked.map_or(1_000_000, |count| count.parse().expect("a number"))
}

/// A key, its bytes where it is.
type Key = [u8; 32];

/// Keys of two classes, each with one for every bucket.
struct Keys {
    classes: [Vec<Key>; 2],
}

impl Keys {
    /// As many as it takes until each bucket has one of each.
    fn draw(rng: &mut BenchRng) -> Self {
        let mut classes = [(); 2].map(|()| vec![None; KEYS]);
        let mut missing = 2 * KEYS;
        while missing > 0 {
            let key = rng.random::<Key>().map(|byte| b'a' + byte % 16);
            let [left, right] = &mut classes;
            // Neither class gets the first of a bucket more often.
            let class = if rng.random() { left } else { right };
            let place: &mut Option<Key> = &mut class[bucket(&digest(&key))];
            if place.is_none() {
                *place = Some(key);
                missing -= 1;
            }
        }
        Self {
            classes: classes.map(|class| class.into_iter().flatten().collect()),
        }
    }
}

/// The bucket of a digest in a table of 3,072 records (docs/format.md, "Sections of a shard").
fn bucket(digest: &[u8; 32]) -> usize {
    let word = u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]]);
    (word >> (u32::BITS - BUCKET_BITS)) as usize
}

fn digest(key: &Key) -> [u8; 32] {
    *Digest::sha256_of(key).bytes()
}

/// A key's digest with one byte changed.
fn near(key: &Key, byte: usize) -> [u8; 32] {
    let mut digest = digest(key);
    digest[byte] ^= 1;
    digest
}

/// The library's own decision about keys of two classes.
fn verify(runner: &mut CtRunner, rng: &mut BenchRng, beside: [Beside; 2]) {
    for _ in 0..ROUNDS {
        let keys = Keys::draw(rng);
        let verifier = verifier(&keys, beside, rng);
        let now = Timestamp::from_millis(1_790_000_000_000).expect("after 1970");
        let reason = |key: &Key| {
            verifier
                .verify_key(key, Ask::Alive, Context::default(), now)
                .reason()
        };
        for (keys, beside) in keys.classes.iter().zip(beside) {
            let expected = match beside {
                Beside::Differs(_) => Reason::UnknownKey,
                Beside::Revoked => Reason::Disabled,
            };
            assert!(keys.iter().all(|key| reason(key) == Some(expected)));
        }
        measure(runner, rng, &keys, reason);
    }
}

fn verifier(keys: &Keys, beside: [Beside; 2], rng: &mut BenchRng) -> Verifier {
    let mut records = Vec::new();
    let mut add = |bytes, status| {
        let digest = Digest::new(DigestScheme::Sha256, bytes);
        let id = records.len().to_string();
        records.push(Record::new(&id, digest).level("everything").status(status));
    };
    for (keys, beside) in keys.classes.iter().zip(beside) {
        for key in keys {
            match beside {
                Beside::Differs(byte) => add(near(key, byte), Status::Active),
                Beside::Revoked => add(digest(key), Status::Disabled),
            }
        }
    }
    for _ in 0..OTHERS {
        add(rng.random(), Status::Active);
    }
    Verifier::builder(profile())
        .records(records)
        .build()
        .expect("good records")
}

/// What the library does not do: digests compared byte by byte, up to the first that differs.
fn planted(runner: &mut CtRunner, rng: &mut BenchRng) {
    for _ in 0..ROUNDS {
        let keys = Keys::draw(rng);
        let mut stored = vec![[[0; 32]; 2]; KEYS];
        for (class, (keys, byte)) in keys.classes.iter().zip([8, 31]).enumerate() {
            for (bucket, key) in stored.iter_mut().zip(keys) {
                bucket[class] = near(key, byte);
            }
        }
        measure(runner, rng, &keys, |key| {
            let digest = digest(key);
            let is_same = |stored: &[u8; 32]| {
                let mut pairs = stored.iter().zip(&digest);
                pairs.all(|(one, other)| black_box(one) == black_box(other))
            };
            stored[bucket(&digest)].iter().any(is_same)
        });
    }
}

/// Times a function of a key, for keys of both classes in random order.
fn measure<T>(runner: &mut CtRunner, rng: &mut BenchRng, keys: &Keys, decide: impl Fn(&Key) -> T) {
    // Drawn beforehand and laid out in order: nothing between two measurements, and no place in memory, depends on the
    // class of the next.
    let drawn: Vec<(usize, Key)> = (0..samples() / ROUNDS)
        .map(|_| {
            let class = rng.random_range(0..2);
            (class, keys.classes[class][rng.random_range(0..KEYS)])
        })
        .collect();
    for (class, key) in &drawn {
        let class = [Class::Left, Class::Right][*class];
        runner.run_one(class, || decide(black_box(key)));
    }
}

fn profile() -> Profile {
    Profile::from_toml(
        "schema_version = 1\nid = \"timing\"\ntitle = \"Timing\"\ndescription = \"\"\n\
         [key]\nformat = \"opaque\"\n\
         [request]\ntransports = [\"bearer\"]\nrealm = \"Timing\"\n\
         [[scopes]]\nid = \"all\"\ntitle = \"All\"\n\
         [[levels]]\nid = \"everything\"\ntitle = \"Everything\"\neverything = true\n",
    )
    .expect("a good profile")
}
