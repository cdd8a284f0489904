//! Threat 44: texts that hide or reorder, in every member that people read.

use serde_json::json;

use super::{KEYS, LIMITS, Limit, Of, World};
use crate::server::Server;

/// What hides, reorders or ends a line, wherever a text is taken.
#[test]
fn no_text_hides_or_reorders_and_all_are_kept_in_one_form() {
    let world = World::new();
    let texts = LIMITS.iter().filter(|limit| limit.of == Of::Text);
    for Limit {
        member, operations, ..
    } in texts
    {
        for operation in *operations {
            for deceptive in [
                "a\u{0}b",
                "a\nb",
                "a\rb",
                "a\tb",
                "a\u{7f}b",
                "a\u{85}b",
                "a\u{ad}b",
                "a\u{61c}b",
                "a\u{115f}b",
                "a\u{200b}b",
                "a\u{200e}b",
                "a\u{2028}b",
                "\u{202e}exe.gpj",
                "\u{2066}b",
                "a\u{2060}b",
                "a\u{3164}b",
                "\u{feff}b",
                "a\u{fffb}b",
                "",
                " ",
                "\u{200d}",
                "\u{a0}\u{3000}",
            ] {
                world.refused(operation, member, json!(deceptive));
            }
            let (method, path, mut body) = world.request(operation);
            body[*member] = json!("@");
            let surrogate = body.to_string().replace("\"@\"", "\"\\ud800\"");
            let authorization = format!("Bearer {}", world.server.operator);
            let headers = [
                ("authorization", &*authorization),
                ("content-type", "application/json"),
            ];
            let answer = world.server.send(method, &path, &headers, surrogate);
            answer.problem(400, "invalid_json");

            let kept = world.with(
                operation,
                member,
                json!("Cafe\u{301} \u{1f469}\u{200d}\u{1f4bb}"),
            );
            let kept = kept.text();
            assert!(
                kept.contains("\"Café \u{1f469}\u{200d}\u{1f4bb}\""),
                "{kept}"
            );
        }
    }
}

/// What people read as one name is one, where a name must be the only one; a Cyrillic `а` is another letter, and tells
/// so.
#[test]
fn a_name_that_is_read_alike_is_taken() {
    let server = Server::start();
    server.keyspace_of("emailit", "shop", "acme");
    let make = |name: &str| {
        let body = json!({ "name": name, "level": "full" });
        server.call("POST", KEYS, Some(body))
    };
    make("Café admin").expect(201);
    for same in [
        "Cafe\u{301} admin",
        "CAFÉ ADMIN",
        "  Café \u{a0} admin ",
        "Ca\u{200d}fé admin",
        "Ｃａｆé admin",
    ] {
        make(same).problem(409, "already_exists");
    }
    make("Café \u{430}dmin").expect(201);
}
