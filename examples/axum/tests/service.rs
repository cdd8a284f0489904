//! The example as somebody who found it would try it: started as a program, called over HTTP.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

/// The running program, ended with the test.
struct Service {
    child: Child,
    address: String,
    reader: String,
    writer: String,
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Service {
    fn start() -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_keyward-example-axum"))
            .arg("127.0.0.1:0")
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        let mut said = |prefix: &str| {
            let line = lines.next().expect("a line").expect("UTF-8");
            let said = line.strip_prefix(prefix);
            said.unwrap_or_else(|| panic!("{line:?} does not start with {prefix:?}"))
                .to_owned()
        };
        Self {
            address: said("listening on "),
            reader: said("reader "),
            writer: said("writer "),
            child,
        }
    }

    /// The status, the body, and when to come back.
    fn call(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> (u16, String, String) {
        let mut request = ureq::http::Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.address));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let config = ureq::Agent::config_builder().http_status_as_error(false);
        let agent = ureq::Agent::new_with_config(config.build());
        let mut response = agent
            .run(request.body(()).expect("a request"))
            .expect("an answer");
        let retry_after = response.headers().get("retry-after");
        let retry_after = retry_after.map_or("", |value| value.to_str().expect("ASCII"));
        let (status, retry_after) = (response.status().as_u16(), retry_after.to_owned());
        let body = response.body_mut().read_to_string().expect("text");
        (status, body, retry_after)
    }

    fn status(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> u16 {
        self.call(method, path, headers).0
    }
}

#[test]
fn the_walk_of_the_readme() {
    let service = Service::start();
    let bearer = format!("Bearer {}", service.reader);
    let reader = [("authorization", &*bearer)];
    let writer = [("x-api-key", &*service.writer)];
    let notes = "/v1/projects/apollo/notes";

    assert_eq!(service.status("GET", notes, &[]), 401);
    assert_eq!(service.status("GET", "/health", &[]), 200);
    assert_eq!(
        service.status("GET", "/v1/projects/gemini/notes", &reader),
        403
    );
    assert_eq!(
        service.status("GET", "/v1/projects/%61pollo/notes", &reader),
        403
    );
    assert_eq!(service.status("GET", "/v1/projects//notes", &reader), 400);
    assert_eq!(service.status("POST", notes, &reader), 403);
    assert_eq!(service.status("GET", notes, &[reader[0], writer[0]]), 400);

    // What was refused took nothing: five calls are left.
    for left in (0..5).rev() {
        let (status, body, _) = service.call("GET", notes, &reader);
        assert_eq!(
            (status, body),
            (200, format!("notes of apollo, {left} calls left\n"))
        );
    }
    let (status, body, retry_after) = service.call("GET", notes, &reader);
    assert_eq!(status, 429);
    assert!(body.contains(r#""code":"rate_limited""#), "{body}");
    assert!(
        (1..=12).contains(&retry_after.parse().expect("seconds")),
        "{retry_after}"
    );

    let (status, body, _) = service.call("POST", notes, &writer);
    assert_eq!((status, &*body), (200, "acme has written to apollo\n"));
    let (status, body, _) = service.call("DELETE", "/v1/projects/apollo", &writer);
    assert_eq!(status, 403);
    assert!(
        body.contains("Projects are deleted by people, in the console."),
        "{body}"
    );
}
