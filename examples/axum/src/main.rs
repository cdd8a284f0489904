//! An API for notes that lets nobody in without a key: three routes, a profile, and the layer between them.

use std::error::Error;
use std::net::SocketAddr;

use axum::extract::{ConnectInfo, Path};
use axum::routing::{delete, get};
use axum::{Extension, Router};
use keyward::access::Constraint;
use keyward::env::SystemEntropy;
use keyward::key::Digest;
use keyward::profile::Profile;
use keyward::tower::{Key, RequireKey};
use keyward::verify::{Record, Verifier};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let address = std::env::args().nth(1);
    let listener = tokio::net::TcpListener::bind(address.as_deref().unwrap_or("127.0.0.1:3000"));
    let listener = listener.await?;
    println!("listening on http://{}", listener.local_addr()?);

    let app = api(verifier()?).into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, app).await?;
    Ok(())
}

/// Two keys, made anew at each start so that there is something to try. A real service makes a key once, keeps the
/// record with its digest, and forgets the key; or it opens a snapshot that a Keyward server signed.
fn verifier() -> Result<Verifier, Box<dyn Error>> {
    let profile = Profile::from_toml(include_str!("../profile.toml"))?;
    let mut records = Vec::new();
    for level in ["reader", "writer"] {
        let key = profile.key_format().generate(None, &SystemEntropy)?;
        println!("{level} {}", key.expose());
        let record = Record::new(level, Digest::sha256_of(key.expose().as_bytes()))
            .level(level)
            .account("acme")
            .constraint("project", Constraint::only(["apollo"])?)
            .constraint("ip", Constraint::only(["127.0.0.0/8", "::1"])?);
        records.push(record);
    }
    Ok(Verifier::builder(profile).records(records).build()?)
}

fn api(verifier: Verifier) -> Router {
    let keys = RequireKey::new(verifier)
        // Behind a proxy, this would be the header that the proxy sets, and no other.
        .client_address(|request| {
            let peer = request.extensions.get::<ConnectInfo<SocketAddr>>();
            peer.map(|ConnectInfo(address)| address.ip())
        })
        // The project stands in the path, where the router looks for it too.
        .context(|request, context| {
            if let Some(project) = request.uri.path().split('/').nth(3) {
                context.value("project", project);
            }
        });
    Router::new()
        .route("/v1/projects/{project}/notes", get(list).post(add))
        .route("/v1/projects/{project}", delete(remove))
        .layer(keys)
        // What is added after the layer needs no key.
        .route("/health", get(|| async { "well" }))
}

async fn list(Path(project): Path<String>, Extension(key): Extension<Key>) -> String {
    let left = key
        .rate()
        .map_or("any number of".to_owned(), |(_, outcome)| {
            outcome.remaining.to_string()
        });
    format!("notes of {project}, {left} calls left\n")
}

async fn add(Path(project): Path<String>, Extension(key): Extension<Key>) -> String {
    let account = key.account().unwrap_or("nobody");
    format!("{account} has written to {project}\n")
}

async fn remove() -> &'static str {
    "the profile closes this route, so nobody reads this\n"
}
