//! One verifier with its scratch buffer and grant block: the hot way in.

use wasm_bindgen::prelude::*;

use super::grant::GrantBlock;
use super::info::{constraints, info};
use super::input::{HeaderLengths, Input, NO_METHOD, SCRATCH_LENGTH, UNLISTED};
use super::{peppers, records, thrown, to_js};
use crate::access::{RouteHandle, is_method};
use crate::error::{Code, Error};
use crate::limit::RateState;
use crate::profile::Profile;
use crate::snapshot::{Head, PublicKey, Snapshot};
use crate::time::Timestamp;
use crate::verify::{Ask, Reason, Verifier};

/// What is asked about a key, in numbers. The key stands at the start of the scratch buffer.
#[derive(Clone, Copy)]
enum Asked {
    Alive,
    Call { method: u32, path: usize },
    Scope(u32),
    Route(u32),
}

impl Asked {
    /// The length of the path that stands behind the key.
    const fn path(self) -> usize {
        match self {
            Self::Call { path, .. } => path,
            _ => 0,
        }
    }

    fn ask(self, key: usize, input: Input<'_>) -> Ask<'_> {
        match self {
            Self::Alive => Ask::Alive,
            Self::Call { method, path } => Ask::Call {
                method: input.method(method),
                path: input.part(key, path),
            },
            Self::Scope(scope) => Ask::ScopeNumber(u16::try_from(scope).unwrap_or(u16::MAX)),
            Self::Route(route) => Ask::Route(RouteHandle::from_u32(route)),
        }
    }
}

/// A verifier as JavaScript drives it. Lengths and numbers come in; what they measure and name stands in the scratch
/// buffer, one after another in the order of the arguments. A verdict is 0 for allow, 256 for allow on a stale
/// snapshot, otherwise the number of a reason.
#[wasm_bindgen]
pub struct Engine {
    verifier: Verifier,
    head: Option<Head>,
    scratch: Box<[u8]>,
    /// The methods that rules name, and HEAD: so that a call crosses with a number instead of a text.
    methods: Vec<Box<str>>,
    /// A method that no rule names, which stands for all of them.
    unlisted: Box<str>,
    granted: Box<GrantBlock>,
}

#[wasm_bindgen]
impl Engine {
    /// A verifier over packed records (see `records.rs`) and peppers (see `peppers.rs`).
    #[wasm_bindgen(js_name = fromRecords)]
    pub fn from_records(profile: &[u8], packed: &[u8], peppers: &[u8]) -> Result<Engine, JsValue> {
        let open = || records::read(Profile::decode(profile)?, packed, peppers::read(peppers)?);
        open()
            .map(|verifier| Self::new(verifier, None))
            .map_err(|error| thrown(&error))
    }

    /// A verifier over a signed snapshot. `public_keys` are separated by spaces; an empty `keyspace` takes whichever
    /// they vouch for.
    #[wasm_bindgen(js_name = openSnapshot)]
    pub fn open_snapshot(
        head: &[u8],
        shard: Vec<u8>,
        public_keys: &str,
        keyspace: &str,
        min_era: f64,
        min_epoch: f64,
        peppers: &[u8],
    ) -> Result<Engine, JsValue> {
        let open = || {
            let roots = read_keys(public_keys)?;
            let floor = floor(min_era, min_epoch)?;
            let keyspace = Some(keyspace).filter(|name| !name.is_empty());
            Snapshot::open(
                head,
                shard,
                &roots,
                keyspace,
                floor,
                peppers::read(peppers)?,
            )
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
            unlisted: unlisted(&methods),
            methods,
            verifier,
            head,
            scratch: vec![0; SCRATCH_LENGTH].into_boxed_slice(),
            granted: Box::default(),
        }
    }

    /// The address of the scratch buffer.
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
    pub fn verify_alive(&mut self, key: usize, context: usize, now: f64) -> u32 {
        self.decide_key(key, Asked::Alive, context, now)
    }

    /// Is the key alive, and may it make this call? `method` is a position in `info().methods`, or what
    /// `methodNumber` gives.
    #[wasm_bindgen(js_name = verifyKey)]
    pub fn verify_key(
        &mut self,
        key: usize,
        method: u32,
        path: usize,
        context: usize,
        now: f64,
    ) -> u32 {
        self.decide_key(key, Asked::Call { method, path }, context, now)
    }

    /// Is the key alive, and has it this scope? `scope` is a position in `info().scopes`; any other number is a scope
    /// that only a level that opens everything has.
    #[wasm_bindgen(js_name = verifyScope)]
    pub fn verify_scope(&mut self, key: usize, scope: u32, context: usize, now: f64) -> u32 {
        self.decide_key(key, Asked::Scope(scope), context, now)
    }

    /// Is the key alive, and may it make the call behind this handle?
    #[wasm_bindgen(js_name = verifyRoute)]
    pub fn verify_route(&mut self, key: usize, route: u32, context: usize, now: f64) -> u32 {
        self.decide_key(key, Asked::Route(route), context, now)
    }

    /// May this request pass? `h0` to `h3` are the lengths of the headers in `info().headers`, or the number for
    /// absent.
    #[wasm_bindgen(js_name = verifyRequest)]
    #[expect(
        clippy::too_many_arguments,
        reason = "numbers cross for nothing, objects do not"
    )]
    pub fn verify_request(
        &mut self,
        h0: u32,
        h1: u32,
        h2: u32,
        h3: u32,
        method: u32,
        target: usize,
        context: usize,
        now: f64,
    ) -> u32 {
        let lengths = HeaderLengths([h0, h1, h2, h3]);
        let now = Timestamp::from_js(now);
        let verdict = self
            .input()
            .request(lengths, method, target, context, |request| {
                self.verifier.decide_request(request, now, &mut ())
            });
        let verdict = self.granted.conclude(verdict);
        self.forget(lengths.total());
        verdict
    }

    /// The handle for a method and a path or pattern; a negative number is a reason.
    #[wasm_bindgen(js_name = resolveRoute)]
    pub fn resolve_route(&self, method: usize, path: usize) -> i32 {
        let input = self.input();
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

    /// The number of a method that is not in `info().methods`: one for every method that no rule names, another for
    /// what is no method.
    #[wasm_bindgen(js_name = methodNumber)]
    pub fn method_number(&self, method: usize) -> u32 {
        if is_method(self.input().part(0, method)) {
            UNLISTED
        } else {
            NO_METHOD
        }
    }

    /// A step of the rate limit that a policy sets: the new state, or -1 where the call is one too many. A state is a
    /// number that the caller keeps for each key; 0 at first.
    #[wasm_bindgen(js_name = rateStep)]
    pub fn rate_step(&mut self, policy: u32, cost: u32, state: f64, now: f64) -> f64 {
        let rate = self
            .verifier
            .table()
            .policies()
            .get(policy as usize)
            .and_then(|policy| policy.rate);
        let (Some(rate), Some(now)) = (rate, Timestamp::from_js(now)) else {
            return -1.0;
        };
        #[expect(
            clippy::cast_possible_truncation,
            reason = "microseconds since 1970 fit 53 bits until the year 2255; a cast saturates"
        )]
        let state = RateState::from_micros(state as i64);
        let (outcome, state) = rate.step(state, cost, now);
        self.granted.rated(&outcome);
        #[expect(clippy::cast_precision_loss, reason = "as above")]
        let state = state.as_micros() as f64;
        if outcome.admitted { state } else { -1.0 }
    }

    /// As `verifyAlive`, with every step.
    #[wasm_bindgen(js_name = explainAlive)]
    pub fn explain_alive(&mut self, key: usize, context: usize, now: f64) -> JsValue {
        self.explain(key, Asked::Alive, context, now)
    }

    /// As `verifyKey`, with every step.
    #[wasm_bindgen(js_name = explainKey)]
    pub fn explain_key(
        &mut self,
        key: usize,
        method: u32,
        path: usize,
        context: usize,
        now: f64,
    ) -> JsValue {
        self.explain(key, Asked::Call { method, path }, context, now)
    }

    /// As `verifyScope`, with every step.
    #[wasm_bindgen(js_name = explainScope)]
    pub fn explain_scope(&mut self, key: usize, scope: u32, context: usize, now: f64) -> JsValue {
        self.explain(key, Asked::Scope(scope), context, now)
    }

    /// As `verifyRoute`, with every step.
    #[wasm_bindgen(js_name = explainRoute)]
    pub fn explain_route(&mut self, key: usize, route: u32, context: usize, now: f64) -> JsValue {
        self.explain(key, Asked::Route(route), context, now)
    }

    /// As `verifyRequest`, with every step.
    #[wasm_bindgen(js_name = explainRequest)]
    #[expect(clippy::too_many_arguments, reason = "as for `verifyRequest`")]
    pub fn explain_request(
        &mut self,
        h0: u32,
        h1: u32,
        h2: u32,
        h3: u32,
        method: u32,
        target: usize,
        context: usize,
        now: f64,
    ) -> JsValue {
        let lengths = HeaderLengths([h0, h1, h2, h3]);
        let now = Timestamp::from_js(now);
        let found = self
            .input()
            .request(lengths, method, target, context, |request| {
                self.verifier.explain(request, now)
            });
        self.forget(lengths.total());
        to_js(&found)
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

    /// What a record may use, by dimension: `"all"` or a list.
    pub fn constraints(&self, record: u32) -> JsValue {
        constraints(&self.verifier, record)
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

    fn input(&self) -> Input<'_> {
        Input {
            scratch: &self.scratch,
            profile: self.verifier.profile(),
            methods: &self.methods,
            unlisted: &self.unlisted,
        }
    }

    /// Once for all ways in: four copies of it would be a hundredth of the module.
    #[inline(never)]
    fn decide_key(&mut self, key: usize, asked: Asked, context: usize, now: f64) -> u32 {
        let input = self.input();
        let now = Timestamp::from_js(now);
        let decision = input.context(key + asked.path(), context, |context| {
            let ask = asked.ask(key, input);
            self.verifier
                .decide_key(input.part(0, key), ask, context, now, &mut ())
        });
        let verdict = self.granted.conclude(decision);
        self.forget(key);
        verdict
    }

    fn explain(&mut self, key: usize, asked: Asked, context: usize, now: f64) -> JsValue {
        let input = self.input();
        let now = Timestamp::from_js(now);
        let found = input.context(key + asked.path(), context, |context| {
            let ask = asked.ask(key, input);
            self.verifier
                .explain_key(input.part(0, key), ask, context, now)
        });
        self.forget(key);
        to_js(&found)
    }

    /// Overwrites the credential at the start of the scratch buffer.
    fn forget(&mut self, length: usize) {
        self.scratch[..length].fill(0);
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

/// An era and an epoch below which no head counts.
pub(super) fn floor(era: f64, epoch: f64) -> Result<(u32, u64), Error> {
    let era = u32::try_from(whole(era)?).map_err(|_| not_whole())?;
    Ok((era, whole(epoch)?))
}

fn not_whole() -> Error {
    Error::new(
        Code::InvalidArgument,
        "an era is a whole number below 2^32, an epoch one below 2^53",
    )
}

pub(super) fn read_keys(text: &str) -> Result<Vec<PublicKey>, Error> {
    let mut keys = Vec::new();
    for key in text.split_ascii_whitespace() {
        keys.push(key.parse()?);
    }
    Ok(keys)
}

fn unlisted(methods: &[Box<str>]) -> Box<str> {
    let mut name = String::from("X");
    while methods.iter().any(|method| **method == *name) {
        name.push('X');
    }
    name.into()
}
