//! A tower layer that lets through what a [`Verifier`] allows, for axum and whatever else speaks [`http`] natively.
//!
//! ```
//! use http::{Request, Response};
//! use keyward::profile::Profile;
//! use keyward::tower::{Key, RequireKey};
//! use keyward::verify::Verifier;
//!
//! let profile = Profile::preset("emailit").expect("a preset of this crate");
//! let layer = RequireKey::new(Verifier::builder(profile).build()?);
//! // let app = Router::new().route("/v2/emails", post(send)).layer(layer);
//!
//! async fn send(request: Request<String>) -> Response<String> {
//!     let key = request.extensions().get::<Key>().expect("the layer put it there");
//!     Response::new(format!("sent for {:?}", key.account()))
//! }
//! # let _ = (layer, send);
//! # Ok::<(), keyward::error::Error>(())
//! ```
//!
//! What is authorised is `uri().path()` of the very request that is handed on, byte for byte, so that no router behind
//! the layer sees another path than the verifier did (the flaw of CVE-2026-33186). Whoever rewrites paths, such as
//! axum's `nest`, therefore belongs behind the layer, where the rules' `base_path` is still there.

mod context;
mod key;
mod refusal;

use std::fmt;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as TaskContext, Poll};

use http::request::Parts;
use tower_layer::Layer;
use tower_service::Service;

use self::refusal::Refusal;
use crate::access::Context;
use crate::env::{Clock, SystemClock};
use crate::limit::MemoryLimiter;
use crate::profile::Profile;
use crate::verify::{Decision, Request, Verifier};

pub use context::ContextBuf;
pub use key::Key;

/// The layer: every request needs a key that may make it.
///
/// What is allowed goes on to the inner service with a [`Key`] in its extensions, and with its credential marked as
/// sensitive, so that nobody logs it by accident. What is refused is answered here, with problem details (RFC 9457)
/// that tell no more than the caller may know; the precise [`Reason`](crate::verify::Reason) stands in the response's
/// extensions, for the logs of the API's owner.
#[derive(Clone)]
pub struct RequireKey {
    settings: Settings,
}

type ReadVerifier = dyn Fn() -> Arc<Verifier> + Send + Sync;
type ReadContext = dyn Fn(&Parts, &mut ContextBuf) + Send + Sync;
type ReadAddress = dyn Fn(&Parts) -> Option<IpAddr> + Send + Sync;

#[derive(Clone)]
struct Settings {
    verifier: Arc<ReadVerifier>,
    context: Arc<ReadContext>,
    client_address: Arc<ReadAddress>,
    limiter: Arc<MemoryLimiter>,
    clock: Arc<dyn Clock>,
}

impl RequireKey {
    /// Asks one verifier, for as long as the layer lives.
    pub fn new(verifier: impl Into<Arc<Verifier>>) -> Self {
        let verifier = verifier.into();
        Self::current(move || Arc::clone(&verifier))
    }

    /// Asks for the verifier at each request, for services that renew their snapshot. The function is called on the
    /// path of every request, so it hands out what is there and waits for nothing.
    pub fn current(verifier: impl Fn() -> Arc<Verifier> + Send + Sync + 'static) -> Self {
        Self {
            settings: Settings {
                verifier: Arc::new(verifier),
                context: Arc::new(|_, _| ()),
                client_address: Arc::new(|_| None),
                limiter: Arc::default(),
                clock: Arc::new(SystemClock),
            },
        }
    }

    /// Says what a call is about, for keys that are limited in it. Without it such keys are refused wherever their
    /// limits apply.
    #[must_use]
    pub fn context(
        mut self,
        read: impl Fn(&Parts, &mut ContextBuf) + Send + Sync + 'static,
    ) -> Self {
        self.settings.context = Arc::new(read);
        self
    }

    /// Says where a request comes from, for keys that are bound to networks. Only the host knows which socket or header
    /// can be believed; without it such keys are refused.
    #[must_use]
    pub fn client_address(
        mut self,
        read: impl Fn(&Parts) -> Option<IpAddr> + Send + Sync + 'static,
    ) -> Self {
        self.settings.client_address = Arc::new(read);
        self
    }

    /// Counts in a limiter that is shared with other layers of the same keyspace, instead of one of its own.
    #[must_use]
    pub fn limiter(mut self, limiter: Arc<MemoryLimiter>) -> Self {
        self.settings.limiter = limiter;
        self
    }

    /// Tells the time, instead of the system's clock.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.settings.clock = clock;
        self
    }
}

impl fmt::Debug for RequireKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequireKey").finish_non_exhaustive()
    }
}

impl<S> Layer<S> for RequireKey {
    type Service = KeyRequired<S>;

    fn layer(&self, inner: S) -> KeyRequired<S> {
        KeyRequired {
            settings: Arc::new(self.settings.clone()),
            inner,
        }
    }
}

/// A service behind a [`RequireKey`].
#[derive(Clone)]
pub struct KeyRequired<S> {
    settings: Arc<Settings>,
    inner: S,
}

impl<S: fmt::Debug> fmt::Debug for KeyRequired<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyRequired")
            .field("inner", &self.inner)
            .finish_non_exhaustive()
    }
}

impl<S, RequestBody, ResponseBody> Service<http::Request<RequestBody>> for KeyRequired<S>
where
    S: Service<http::Request<RequestBody>, Response = http::Response<ResponseBody>>,
    ResponseBody: From<String>,
{
    type Response = http::Response<ResponseBody>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future, ResponseBody>;

    fn poll_ready(&mut self, context: &mut TaskContext<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: http::Request<RequestBody>) -> Self::Future {
        let (mut parts, body) = request.into_parts();
        let verifier = (self.settings.verifier)();
        match self.settings.decide(&verifier, &parts) {
            Ok(key) => {
                hide_credentials(verifier.profile(), &mut parts);
                parts.extensions.insert(key);
                let request = http::Request::from_parts(parts, body);
                ResponseFuture(State::Inner(Box::pin(self.inner.call(request))))
            }
            Err(refusal) => {
                let response = refusal.into_response(verifier.profile());
                ResponseFuture(State::Refused(Some(Box::new(response))))
            }
        }
    }
}

impl Settings {
    fn decide(&self, verifier: &Arc<Verifier>, parts: &Parts) -> Result<Key, Refusal> {
        let now = self.clock.now();
        let mut context = ContextBuf::default();
        (self.context)(parts, &mut context);
        let mut credentials = [("", &[][..]); 2];
        let credentials = credentials_of(verifier.profile(), parts, &mut credentials);
        let request = Request {
            headers: credentials,
            method: parts.method.as_str().as_bytes(),
            target: parts.uri.path().as_bytes(),
            context: Context {
                client: (self.client_address)(parts),
                values: &context.values(),
            },
        };
        let grant = match verifier.verify(&request, now) {
            Decision::Allow(grant) => grant,
            Decision::Deny(denial) => return Err(Refusal::denied(denial)),
        };
        let key = Key::new(verifier, &grant);
        let Some(rate) = grant.rate() else {
            return Ok(key);
        };
        let outcome = self.limiter.admit(key.id(), rate, grant.cost(), now);
        if outcome.admitted {
            Ok(key.with_rate(rate, outcome))
        } else {
            Err(Refusal::limited(rate, outcome))
        }
    }
}

/// The headers that may hold a credential; two of them are enough to be refused, so more are not looked at.
fn credentials_of<'a, 'b>(
    profile: &'a Profile,
    parts: &'a Parts,
    found: &'b mut [(&'a str, &'a [u8]); 2],
) -> &'b [(&'a str, &'a [u8])] {
    let all = profile.credential_headers().flat_map(|name| {
        let values = parts.headers.get_all(name).iter();
        values.map(move |value| (name, value.as_bytes()))
    });
    let mut count = 0;
    for (place, header) in found.iter_mut().zip(all) {
        *place = header;
        count += 1;
    }
    &found[..count]
}

/// Lets `Debug` of the headers show no key.
fn hide_credentials(profile: &Profile, parts: &mut Parts) {
    for name in profile.credential_headers() {
        if let Some(value) = parts.headers.get_mut(name) {
            value.set_sensitive(true);
        }
    }
}

/// The answer of the inner service, or a refusal.
///
/// The inner future is boxed: to look into it in place takes `unsafe`, which this crate does without.
pub struct ResponseFuture<F, B>(State<F, B>);

enum State<F, B> {
    Inner(Pin<Box<F>>),
    Refused(Option<Box<http::Response<B>>>),
}

impl<F, B, E> Future for ResponseFuture<F, B>
where
    F: Future<Output = Result<http::Response<B>, E>>,
{
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut TaskContext<'_>) -> Poll<F::Output> {
        match &mut self.0 {
            State::Inner(inner) => inner.as_mut().poll(context),
            State::Refused(response) => {
                let response = response
                    .take()
                    .expect("a future is not polled after its end");
                Poll::Ready(Ok(*response))
            }
        }
    }
}

impl<F, B> fmt::Debug for ResponseFuture<F, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}
