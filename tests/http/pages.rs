//! The built pages, and the headers under which they run.

use crate::directory::Directory;
use crate::server::Server;

const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; \
                      connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

#[test]
fn built_pages_are_served_with_their_types_and_a_policy() {
    let pages = Directory::new();
    std::fs::create_dir(pages.path().join("assets")).expect("a directory");
    for (name, content) in [
        ("index.html", "<!doctype html><title>Demo</title>"),
        ("assets/app-1a2b.js", "export {}"),
        ("assets/app-1a2b.css", "a{}"),
        ("assets/engine-1a2b.wasm", "\0asm"),
    ] {
        std::fs::write(pages.path().join(name), content).expect("a file");
    }
    std::fs::write(pages.path().join("../outside.txt"), "outside").expect("a file");
    let server = Server::start_with_pages(Some(pages.path().to_owned()));
    let get = |path: &str| server.send("GET", path, &[], []);
    for (path, content_type, cache) in [
        ("/", "text/html", "no-cache"),
        ("/index.html", "text/html", "no-cache"),
        (
            "/assets/app-1a2b.js",
            "text/javascript",
            "public, max-age=31536000, immutable",
        ),
        (
            "/assets/app-1a2b.css",
            "text/css",
            "public, max-age=31536000, immutable",
        ),
        (
            "/assets/engine-1a2b.wasm",
            "application/wasm",
            "public, max-age=31536000, immutable",
        ),
    ] {
        let answer = get(path).expect(200);
        assert_eq!(
            answer.header("content-type").split(';').next(),
            Some(content_type),
            "{path}"
        );
        assert_eq!(answer.header("cache-control"), cache, "{path}");
        assert_eq!(answer.header("content-security-policy"), POLICY);
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
    }
    for path in [
        "/none",
        "/assets/none.js",
        "//assets",
        "//example.com/assets",
        "/%2e%2e/outside.txt",
        "/..%2foutside.txt",
        "/assets/%2e%2e/%2e%2e/outside.txt",
    ] {
        let answer = get(path).expect(404);
        assert_eq!(
            (
                answer.header("content-security-policy"),
                answer.header("cache-control")
            ),
            (POLICY, "no-cache")
        );
        assert!(
            String::from_utf8_lossy(&answer.body).contains("no such page"),
            "{path}"
        );
    }
    assert_eq!(server.send("POST", "/", &[], b"x".as_slice()).status, 405);
    drop(std::fs::remove_file(pages.path().join("../outside.txt")));
}

#[test]
fn without_pages_the_start_says_how_to_build_them() {
    let server = Server::start();
    let answer = server.send("GET", "/", &[], []).expect(200);
    assert!(String::from_utf8_lossy(&answer.body).contains("cargo xtask build"));
    assert_eq!(answer.header("content-security-policy"), POLICY);
    server.send("GET", "/none", &[], []).expect(404);
}

#[test]
fn the_api_answers_under_a_stricter_policy_and_with_an_id() {
    let server = Server::start();
    let answer = server.call("GET", "/v1/keyspaces", None).expect(200);
    assert_eq!(
        answer.header("content-security-policy"),
        "default-src 'none'; frame-ancestors 'none'"
    );
    assert_eq!(
        (answer.header("cache-control"), answer.header("vary")),
        ("no-store", "authorization")
    );
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert_eq!(answer.header("x-request-id").len(), 16);
    let health = server.send("GET", "/healthz", &[], []).expect(200);
    assert_eq!(health.json()["status"], "ok");
    assert_ne!(health.header("x-request-id"), answer.header("x-request-id"));
    server.send("GET", "/readyz", &[], []).expect(200);
}
