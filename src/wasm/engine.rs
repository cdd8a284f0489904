//! One verifier with its scratch buffer and grant block: the hot way in.

use wasm_bindgen::prelude::*;

use super::info::info;
use super::{number, records, thrown, to_js};
use crate::access::RouteHandle;
use crate::error::{Code, Error};
use crate::key::KeyId;
use crate::profile::Profile;
use crate::snapshot::{Head, PublicKey, Snapshot};
use crate::time::Timestamp;
use crate::verify::{Ask, Decision, Reason, RecordId, Request, Verifier};

/// Room for an Authorization header, a method and a URL at their caps.
const SCRATCH_LENGTH: usize = 32 * 1024;
const STALE: u32 = 256;
/// A length that stands for an absent `Authorization` header.
const ABSENT: u32 = u32::MAX;
const NONE: u32 = u32::MAX;

/// A verifier as JavaScript drives it. A verdict is 0 for allow, 256 for allow on a stale snapshot, otherwise the number
/// of a reason.
#[wasm_bindgen]
pub struct Engine {
    verifier: Verifier,
    head: Option<Head>,
    scratch: Box<[u8]>,
    /// The methods that rules name, and HEAD: so that a call crosses with a number instead of a text.
    methods: Vec<Box<str>>,
    granted: Box<GrantBlock>,
}

/// What was granted, where JavaScript reads it: an f64, six u32, 16 bytes; little-endian.
#[derive(Default)]
#[repr(C)]
struct GrantBlock {
    /// In ms; 0 for never.
    expires_at: f64,
    policy: u32,
    /// [`NONE`] where the key has no account, or the caller keeps it.
    account: u32,
    /// The number of the record in its table: the texts of a key are asked for by it.
    record: u32,
    /// [`NONE`] where no rule decided.
    route: u32,
    /// The position among the caller's records, or [`NONE`] for a snapshot.
    ordinal: u32,
    /// 1 where the key has a subject or meta.
    noted: u32,
    /// The text of a snapshot's key id, and three bytes that mean nothing.
    key_id: [u8; 16],
}

#[wasm_bindgen]
impl Engine {
    /// A verifier over packed records (see `records.rs`).
    #[wasm_bindgen(js_name = fromRecords)]
    pub fn from_records(profile: &[u8], packed: &[u8]) -> Result<Engine, JsValue> {
        Profile::decode(profile)
            .and_then(|profile| records::read(profile, packed))
            .map(|verifier| Self::new(verifier, None))
            .map_err(|error| thrown(&error))
    }

    /// A verifier over a signed snapshot. `public_keys` are separated by spaces; an empty `keyspace` takes whichever they
    /// vouch for.
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
            let era = u32::try_from(whole(min_era)?).map_err(|_| not_whole())?;
            let keyspace = Some(keyspace).filter(|name| !name.is_empty());
            Snapshot::open(head, shard, &roots, keyspace, (era, whole(min_epoch)?))
        };
        open()
            .map(|Snapshot { head, verifier }| Self::new(verifier, Some(head)))
            .map_err(|error| thrown(&error))
    }

    fn new(verifier: Verifier, head: Option<Head>) -> Self {
        let mut methods: Vec<Box<str>> = vec!["HEAD".into()];
        for rule in verifier.profile().routes().rules() {
            if !methods.contains(&rule.method) {
                methods.push(rule.method.clone());
            }
        }
        Self {
            methods,
            verifier,
            head,
            scratch: vec![0; SCRATCH_LENGTH].into_boxed_slice(),
            granted: Box::default(),
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

    /// The address of the grant block, valid after an allow.
    pub fn outcome(&self) -> *const u8 {
        std::ptr::from_ref(&*self.granted).cast()
    }

    /// Is the key genuine and alive?
    #[wasm_bindgen(js_name = verifyAlive)]
    pub fn verify_alive(&mut self, key: usize, now: f64) -> u32 {
        self.decide_key(key, now, |_, _| Ask::Alive)
    }

    /// Is the key alive, and may it make this call? `method` is a position in `info().methods`; any other number is a
    /// method that no rule names.
    #[wasm_bindgen(js_name = verifyKey)]
    pub fn verify_key(&mut self, key: usize, method: usize, path: usize, now: f64) -> u32 {
        self.decide_key(key, now, |input, methods| {
            input.call(key, methods, method, path)
        })
    }

    /// Is the key alive, and has it this scope? `scope` is a position in `info().scopes`; any other number is a scope that
    /// only a level that opens everything has.
    #[wasm_bindgen(js_name = verifyScope)]
    pub fn verify_scope(&mut self, key: usize, scope: u32, now: f64) -> u32 {
        self.decide_key(key, now, |_, _| scope_number(scope))
    }

    /// Is the key alive, and may it make the call behind this handle?
    #[wasm_bindgen(js_name = verifyRoute)]
    pub fn verify_route(&mut self, key: usize, route: u32, now: f64) -> u32 {
        self.decide_key(key, now, |_, _| Ask::Route(RouteHandle::from_u32(route)))
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
        let now = Timestamp::from_js(now);
        let verdict = Input(&self.scratch).request(authorization, method, target, |request| {
            let decision = self.verifier.decide_request(request, now, &mut ());
            self.granted.conclude(decision)
        });
        self.forget(present(authorization));
        verdict
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

    /// As `verifyAlive`, with every step.
    #[wasm_bindgen(js_name = explainAlive)]
    pub fn explain_alive(&mut self, key: usize, now: f64) -> JsValue {
        self.explain(key, now, |_, _| Ask::Alive)
    }

    /// As `verifyKey`, with every step.
    #[wasm_bindgen(js_name = explainKey)]
    pub fn explain_key(&mut self, key: usize, method: usize, path: usize, now: f64) -> JsValue {
        self.explain(key, now, |input, methods| {
            input.call(key, methods, method, path)
        })
    }

    /// As `verifyScope`, with every step.
    #[wasm_bindgen(js_name = explainScope)]
    pub fn explain_scope(&mut self, key: usize, scope: u32, now: f64) -> JsValue {
        self.explain(key, now, |_, _| scope_number(scope))
    }

    /// As `verifyRoute`, with every step.
    #[wasm_bindgen(js_name = explainRoute)]
    pub fn explain_route(&mut self, key: usize, route: u32, now: f64) -> JsValue {
        self.explain(key, now, |_, _| Ask::Route(RouteHandle::from_u32(route)))
    }

    /// As `verifyRequest`, with every step.
    #[wasm_bindgen(js_name = explainRequest)]
    pub fn explain_request(
        &mut self,
        authorization: u32,
        method: usize,
        target: usize,
        now: f64,
    ) -> JsValue {
        let now = Timestamp::from_js(now);
        let explanation = Input(&self.scratch).request(authorization, method, target, |request| {
            self.verifier.explain(request, now)
        });
        self.forget(present(authorization));
        to_js(&explanation)
    }

    /// What decisions refer to by number, decoded once: policies, challenges, and where the snapshot stands.
    pub fn info(&self) -> JsValue {
        info(&self.verifier, &self.methods, self.head.as_ref())
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

    fn decide_key(
        &mut self,
        key: usize,
        now: f64,
        ask: impl for<'a> FnOnce(Input<'a>, &'a [Box<str>]) -> Ask<'a>,
    ) -> u32 {
        let input = Input(&self.scratch);
        let now = Timestamp::from_js(now);
        let decision =
            self.verifier
                .decide_key(input.part(0, key), ask(input, &self.methods), now, &mut ());
        let verdict = self.granted.conclude(decision);
        self.forget(key);
        verdict
    }

    fn explain(
        &mut self,
        key: usize,
        now: f64,
        ask: impl for<'a> FnOnce(Input<'a>, &'a [Box<str>]) -> Ask<'a>,
    ) -> JsValue {
        let input = Input(&self.scratch);
        let now = Timestamp::from_js(now);
        let explanation =
            self.verifier
                .explain_key(input.part(0, key), ask(input, &self.methods), now);
        self.forget(key);
        to_js(&explanation)
    }

    /// Overwrites the credential at the start of the scratch buffer.
    fn forget(&mut self, length: usize) {
        self.scratch[..length].fill(0);
    }
}

impl GrantBlock {
    /// Writes what was granted, and gives the verdict's number.
    fn conclude(&mut self, decision: Decision<'_>) -> u32 {
        let grant = match decision {
            Decision::Allow(grant) => grant,
            Decision::Deny(denial) => return u32::from(denial.reason() as u8),
        };
        let expires = grant.expires_at();
        self.expires_at =
            expires.map_or(0.0, |at| number(u64::try_from(at.as_millis()).unwrap_or(0)));
        self.policy = u32::from(grant.policy());
        self.account = grant.owner().unwrap_or(NONE);
        self.record = grant.record();
        self.route = grant.route().map_or(NONE, u32::from);
        self.noted = u32::from(grant.has_note());
        match grant.record_id() {
            RecordId::Ordinal(ordinal) => self.ordinal = ordinal,
            RecordId::Key(id) => {
                self.ordinal = NONE;
                self.key_id[..KeyId::TEXT_LENGTH].copy_from_slice(&id.to_ascii());
            }
        }
        if grant.is_stale() { STALE } else { 0 }
    }
}

/// The scratch buffer, read by lengths. A length beyond its end traps: the wrapper keeps the caps.
#[derive(Clone, Copy)]
struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    fn part(self, start: usize, length: usize) -> &'a [u8] {
        &self.0[start..start + length]
    }

    fn call(self, key: usize, methods: &'a [Box<str>], method: usize, path: usize) -> Ask<'a> {
        Ask::Call {
            method: methods.get(method).map_or(b"", |method| method.as_bytes()),
            path: self.part(key, path),
        }
    }

    fn request<T>(
        self,
        authorization: u32,
        method: usize,
        target: usize,
        then: impl FnOnce(&Request<'_>) -> T,
    ) -> T {
        let length = present(authorization);
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

fn scope_number(scope: u32) -> Ask<'static> {
    Ask::ScopeNumber(u16::try_from(scope).unwrap_or(u16::MAX))
}

fn present(authorization: u32) -> usize {
    if authorization == ABSENT {
        0
    } else {
        authorization as usize
    }
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
