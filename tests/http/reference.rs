//! `/docs`: a page that needs nothing but this server.

use crate::server::Server;

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; \
                      form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'";

#[test]
fn the_page_and_its_files_answer_under_their_policy() {
    let server = Server::start();
    let mut size = 0;
    for (path, media_type) in [
        ("/docs", "text/html; charset=utf-8"),
        ("/docs/page.css", "text/css; charset=utf-8"),
        ("/docs/page.js", "text/javascript; charset=utf-8"),
    ] {
        let answer = server.send("GET", path, &[], []).expect(200);
        assert_eq!(answer.header("content-type"), media_type);
        assert_eq!(answer.header("content-security-policy"), POLICY, "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
        size += answer.body.len();
        let text = String::from_utf8(answer.body).expect("text");
        for foreign in ["http:", "https:", "//cdn", "@import", " url(", ":url("] {
            assert!(!text.contains(foreign), "{path} holds {foreign}");
        }
        for risky in [
            "innerHTML",
            "outerHTML",
            "insertAdjacent",
            "document.write",
            "eval(",
            "style=",
            "onclick",
        ] {
            assert!(!text.contains(risky), "{path} holds {risky}");
        }
    }
    assert!(size < 30_000, "{size} bytes");
}

#[test]
fn what_the_page_names_is_there() {
    let server = Server::start();
    let page = server.send("GET", "/docs", &[], []).expect(200);
    let page = String::from_utf8(page.body).expect("text");
    let named = ["href=\"", "src=\""].iter().flat_map(|attribute| {
        let mut parts = page.split(attribute);
        parts.next();
        parts.map(|part| part.split('"').next().expect("a quote"))
    });
    let named = named.collect::<Vec<_>>();
    assert!(named.len() >= 3, "{named:?}");
    for path in named {
        assert!(!path.contains(':') && !path.starts_with('/'), "{path}");
        server.send("GET", &format!("/{path}"), &[], []).expect(200);
    }
}
