//! One verifier with its scratch buffer and outcome block.

use serde::Serialize;
use wasm_bindgen::prelude::*;

use super::{number, records, thrown, to_js};
use crate::access::RouteHandle;
use crate::error::{Code, Error};
use crate::profile::Profile;
use crate::snapshot::{Head, PublicKey, Snapshot};
use crate::time::Timestamp;
use crate::verify::{Ask, Decision, Explanation, Reason, RecordId, Request, Verifier};

/// Room for a key, an Authorization header, a method and a URL at their caps.
const SCRATCH_LENGTH: usize = 32 * 1024;
const STALE: u32 = 256;
/// A length that stands for an absent `Authorization` header.
const ABSENT: u32 = u32::MAX;
const NONE: u32 = u32::MAX;
const OUTCOME_LENGTH: usize = 48;

/// A verifier as JavaScript drives it. A verdict is 0 for allow, 256 for allow on a stale snapshot, otherwise the number
/// of a reason.
#[wasm_bindgen]
pub struct Engine {
    verifier: Verifier,
    head: Option<Head>,
    scratch: Box<[u8]>,
    /// `[0..8]` expiry as f64 ms (0: never), then u32 words: policy, account, record, route rule, kind of id (0: ordinal,
    /// 1: text), ordinal; from byte 32 the text of the id.
    outcome: Box<[u8; OUTCOME_LENGTH]>,
}

#[wasm_bindgen]
impl Engine {
    /// A verifier over packed records (see `records.rs`).
    #[wasm_bindgen(js_name = fromRecords)]
    pub fn from_records(profile: &[u8], packed: &[u8]) -> Result<Engine, JsValue> {
        let profile = Profile::decode(profile).map_err(|error| thrown(&error))?;
        records::read(profile, packed)
            .map(|verifier| Self::new(verifier, None))
            .map_err(|error| thrown(&error))
    }

    /// A verifier over a signed snapshot. `public_keys` are separated by spaces; an empty `keyspace` takes any.
    #[wasm_bindgen(js_name = openSnapshot)]
    pub fn open_snapshot(
        head: &[u8],
        shard: Vec<u8>,
        public_keys: &str,
        keyspace: &str,
        min_era: f64,
        min_epoch: f64,
    ) -> Result<Engine, JsValue> {
        let open = || {
            let roots = read_keys(public_keys)?;
            let floor = (
                u32::try_from(whole(min_era)?).map_err(|_| not_whole())?,
                whole(min_epoch)?,
            );
            Snapshot::open(
                head,
                shard,
                &roots,
                Some(keyspace).filter(|name| !name.is_empty()),
                floor,
            )
        };
        open()
            .map(|Snapshot { head, verifier }| Self::new(verifier, Some(head)))
            .map_err(|error| thrown(&error))
    }

    fn new(verifier: Verifier, head: Option<Head>) -> Self {
        let scratch = vec![0; SCRATCH_LENGTH].into_boxed_slice();
        Self {
            verifier,
            head,
            scratch,
            outcome: Box::new([0; OUTCOME_LENGTH]),
        }
    }

    /// The address of the scratch buffer. Inputs stand in it one after another, in the order of the arguments.
    pub fn scratch(&self) -> *const u8 {
        self.scratch.as_ptr()
    }

    /// How long the scratch buffer is.
    #[wasm_bindgen(js_name = scratchLength)]
    pub fn scratch_length(&self) -> usize {
        self.scratch.len()
    }

    /// The address of the outcome block, valid after an allow.
    pub fn outcome(&self) -> *const u8 {
        self.outcome.as_ptr()
    }

    /// Is the key alive, and may it make this call? Without a path, only the former.
    #[wasm_bindgen(js_name = verifyKey)]
    pub fn verify_key(&mut self, key: usize, method: usize, path: usize, now: f64) -> u32 {
        let input = Input(&self.scratch);
        let ask = input.ask(key, method, path);
        conclude(
            self.verifier
                .decide_key(input.part(0, key), ask, Timestamp::from_js(now), &mut ()),
            &mut self.outcome,
        )
    }

    /// Is the key alive, and has it this scope?
    #[wasm_bindgen(js_name = verifyScope)]
    pub fn verify_scope(&mut self, key: usize, scope: usize, now: f64) -> u32 {
        let input = Input(&self.scratch);
        // No scope has a name that is not UTF-8.
        let ask = Ask::Scope(std::str::from_utf8(input.part(key, scope)).unwrap_or_default());
        conclude(
            self.verifier
                .decide_key(input.part(0, key), ask, Timestamp::from_js(now), &mut ()),
            &mut self.outcome,
        )
    }

    /// Is the key alive, and may it make the call behind this handle?
    #[wasm_bindgen(js_name = verifyRoute)]
    pub fn verify_route(&mut self, key: usize, route: u32, now: f64) -> u32 {
        let input = Input(&self.scratch);
        let ask = Ask::Route(RouteHandle::from_u32(route));
        conclude(
            self.verifier
                .decide_key(input.part(0, key), ask, Timestamp::from_js(now), &mut ()),
            &mut self.outcome,
        )
    }

    /// May this request pass?
    #[wasm_bindgen(js_name = verifyRequest)]
    pub fn verify_request(
        &mut self,
        authorization: u32,
        method: usize,
        target: usize,
        now: f64,
    ) -> u32 {
        let input = Input(&self.scratch);
        let decision = input.with_request(authorization, method, target, |request| {
            self.verifier
                .decide_request(request, Timestamp::from_js(now), &mut ())
        });
        conclude(decision, &mut self.outcome)
    }

    /// The handle for a method and a path or pattern; a negative number is a reason.
    #[wasm_bindgen(js_name = resolveRoute)]
    pub fn resolve_route(&self, method: usize, path: usize) -> i32 {
        let input = Input(&self.scratch);
        match self
            .verifier
            .route(input.part(0, method), input.part(method, path))
        {
            Ok(handle) => {
                i32::try_from(handle.to_u32()).unwrap_or(-i32::from(Reason::Internal as u8))
            }
            Err(_) => -i32::from(Reason::MalformedPath as u8),
        }
    }

    /// As `verifyKey`, with every step.
    #[wasm_bindgen(js_name = explainKey)]
    pub fn explain_key(&self, key: usize, method: usize, path: usize, now: f64) -> JsValue {
        let input = Input(&self.scratch);
        let ask = input.ask(key, method, path);
        let explanation: Explanation =
            self.verifier
                .explain_key(input.part(0, key), ask, Timestamp::from_js(now));
        to_js(&explanation)
    }

    /// As `verifyScope`, with every step.
    #[wasm_bindgen(js_name = explainScope)]
    pub fn explain_scope(&self, key: usize, scope: usize, now: f64) -> JsValue {
        let input = Input(&self.scratch);
        let ask = Ask::Scope(std::str::from_utf8(input.part(key, scope)).unwrap_or_default());
        to_js(
            &self
                .verifier
                .explain_key(input.part(0, key), ask, Timestamp::from_js(now)),
        )
    }

    /// As `verifyRoute`, with every step.
    #[wasm_bindgen(js_name = explainRoute)]
    pub fn explain_route(&self, key: usize, route: u32, now: f64) -> JsValue {
        let input = Input(&self.scratch);
        let ask = Ask::Route(RouteHandle::from_u32(route));
        to_js(
            &self
                .verifier
                .explain_key(input.part(0, key), ask, Timestamp::from_js(now)),
        )
    }

    /// As `verifyRequest`, with every step.
    #[wasm_bindgen(js_name = explainRequest)]
    pub fn explain_request(
        &self,
        authorization: u32,
        method: usize,
        target: usize,
        now: f64,
    ) -> JsValue {
        let input = Input(&self.scratch);
        let explain =
            |request: &Request<'_>| self.verifier.explain(request, Timestamp::from_js(now));
        to_js(&input.with_request(authorization, method, target, explain))
    }

    /// What decisions refer to by number, decoded once: policies, challenges, and where the snapshot stands.
    pub fn info(&self) -> JsValue {
        let profile = self.verifier.profile();
        let name = |scope: u16| {
            profile
                .scopes()
                .get(usize::from(scope))
                .map_or("", |scope| &*scope.id)
        };
        let policies = self
            .verifier
            .table()
            .policies()
            .iter()
            .map(|policy| PolicyInfo {
                level: policy
                    .level
                    .and_then(|level| profile.levels().get(usize::from(level)))
                    .map(|level| &*level.id),
                everything: policy.everything,
                scopes: policy.scopes.iter().map(name).collect(),
            });
        to_js(&Info {
            snapshot: self.head.as_ref().map(super::functions::head_info),
            size: self.verifier.table().len(),
            profile: ProfileName {
                id: profile.id(),
                title: profile.title(),
            },
            challenges: profile.challenges().collect(),
            policies: policies.collect(),
            routes: profile
                .routes()
                .rules()
                .iter()
                .map(|rule| format!("{} {}{}", rule.method, profile.base_path(), rule.pattern))
                .collect(),
        })
    }

    /// The name of an account.
    pub fn account(&self, index: u32) -> Option<String> {
        self.verifier.table().account(index).map(str::to_owned)
    }

    /// The subject of a record.
    pub fn subject(&self, record: u32) -> Option<String> {
        self.verifier.table().note(record).0.map(str::to_owned)
    }

    /// The meta of a record: JSON.
    pub fn meta(&self, record: u32) -> Option<String> {
        self.verifier.table().note(record).1.map(str::to_owned)
    }

    /// The address of the snapshot's shard, for recovering it from an instance that trapped.
    #[wasm_bindgen(js_name = shardAddress)]
    pub fn shard_address(&self) -> *const u8 {
        self.verifier.table().bytes().as_ptr()
    }

    /// The length of the snapshot's shard.
    #[wasm_bindgen(js_name = shardLength)]
    pub fn shard_length(&self) -> usize {
        self.verifier.table().bytes().len()
    }
}

/// The scratch buffer, read by lengths. A length beyond its end traps: the wrapper keeps the caps.
struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    fn part(&self, start: usize, length: usize) -> &'a [u8] {
        &self.0[start..start + length]
    }

    fn ask(&self, key: usize, method: usize, path: usize) -> Ask<'a> {
        if path == 0 && method == 0 {
            return Ask::Alive;
        }
        Ask::Call {
            method: self.part(key, method),
            path: self.part(key + method, path),
        }
    }

    fn with_request<T>(
        &self,
        authorization: u32,
        method: usize,
        target: usize,
        then: impl FnOnce(&Request<'_>) -> T,
    ) -> T {
        let length = if authorization == ABSENT {
            0
        } else {
            authorization as usize
        };
        let values = [self.part(0, length)];
        then(&Request {
            authorization: if authorization == ABSENT {
                &[]
            } else {
                &values
            },
            method: self.part(length, method),
            target: self.part(length + method, target),
        })
    }
}

/// Writes what was granted, and gives the verdict's number.
fn conclude(decision: Decision<'_>, outcome: &mut [u8; OUTCOME_LENGTH]) -> u32 {
    let grant = match decision {
        Decision::Allow(grant) => grant,
        Decision::Deny(denial) => return u32::from(denial.reason() as u8),
    };
    let expires = grant
        .expires_at()
        .map_or(0, |at| u64::try_from(at.as_millis()).unwrap_or(0));
    let (kind, ordinal) = match grant.record_id() {
        RecordId::Ordinal(ordinal) => (0, ordinal),
        RecordId::Key(id) => {
            outcome[32..45].copy_from_slice(&id.to_ascii());
            (1, 0)
        }
    };
    outcome[..8].copy_from_slice(&number(expires).to_le_bytes());
    let words = [
        u32::from(grant.policy()),
        grant.owner().unwrap_or(NONE),
        grant.record(),
        grant.route().map_or(NONE, u32::from),
        kind,
        ordinal,
    ];
    for (place, word) in outcome[8..32].chunks_exact_mut(4).zip(words) {
        place.copy_from_slice(&word.to_le_bytes());
    }
    if grant.is_stale() { STALE } else { 0 }
}

/// A number that JavaScript holds exactly; anything else would move a floor that was pinned.
fn whole(number: f64) -> Result<u64, Error> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a whole number between 0 and 2^53 - 1"
    )]
    if number.fract() == 0.0 && (0.0..9_007_199_254_740_992.0).contains(&number) {
        Ok(number as u64)
    } else {
        Err(not_whole())
    }
}

fn not_whole() -> Error {
    Error::new(
        Code::InvalidArgument,
        "an era is a whole number below 2^32, an epoch one below 2^53",
    )
}

pub(super) fn read_keys(text: &str) -> Result<Vec<PublicKey>, Error> {
    text.split(' ')
        .filter(|key| !key.is_empty())
        .map(str::parse)
        .collect()
}

#[derive(Serialize)]
struct Info<'a> {
    snapshot: Option<super::functions::HeadInfo<'a>>,
    size: u32,
    profile: ProfileName<'a>,
    challenges: Vec<String>,
    policies: Vec<PolicyInfo<'a>>,
    routes: Vec<String>,
}

#[derive(Serialize)]
struct ProfileName<'a> {
    id: &'a str,
    title: &'a str,
}

#[derive(Serialize)]
struct PolicyInfo<'a> {
    level: Option<&'a str>,
    everything: bool,
    scopes: Vec<&'a str>,
}
