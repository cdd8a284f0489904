//! The library half, `default-features = false`: a native service that only verifies builds nothing of the server.
#![cfg(not(target_family = "wasm"))]

use std::collections::BTreeSet;
use std::process::Command;

#[derive(serde::Deserialize)]
struct Manifest {
    features: Features,
}

#[derive(serde::Deserialize)]
struct Features {
    server: Vec<String>,
}

/// The packages that a build without features and for every target consists of.
fn packages() -> BTreeSet<String> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--package", "keyward", "--no-default-features"])
        .args(["--edges", "normal", "--target", "all", "--prefix", "none"])
        .args(["--format", "{p}", "--locked", "--offline"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{error}");
    let tree = String::from_utf8(output.stdout).expect("UTF-8");
    let names = tree.lines().filter_map(|line| line.split(' ').next());
    names.map(Into::into).collect()
}

#[test]
fn nothing_of_the_server_is_built() {
    let manifest: Manifest = toml::from_str(include_str!("../Cargo.toml")).expect("a manifest");
    let server: BTreeSet<_> = manifest
        .features
        .server
        .iter()
        .map(|feature| {
            feature
                .strip_prefix("dep:")
                .expect("features of ours are dependencies")
        })
        .collect();
    let packages = packages();
    for needed in [
        "keyward",
        "http",
        "sha2",
        "toml",
        "tower-layer",
        "tower-service",
    ] {
        assert!(
            packages.contains(needed),
            "{needed} is missing: the tree was not read"
        );
    }
    for its_own in ["axum", "hyper", "rusqlite", "tokio"] {
        assert!(server.contains(its_own), "{its_own} is the server's");
    }
    let built: Vec<_> = packages
        .iter()
        .filter(|name| server.contains(name.as_str()))
        .collect();
    assert!(built.is_empty(), "built without the server: {built:?}");
}
