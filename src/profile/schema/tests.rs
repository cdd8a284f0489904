//! Mistakes: each is named with its line and its mend.

use crate::profile::Profile;

const GOOD: &str = include_str!("everything.toml");

/// What is said of the document with one text in the place of another.
#[track_caller]
fn said(from: &str, to: &str) -> Vec<String> {
    assert!(GOOD.contains(from), "{from}");
    let errors = Profile::check_toml(&GOOD.replacen(from, to, 1)).expect_err(to);
    errors.iter().map(ToString::to_string).collect()
}

/// The line on which a text begins.
fn line_of(text: &str) -> usize {
    let place = GOOD.find(text).expect("it is there");
    1 + GOOD[..place].matches('\n').count()
}

#[test]
#[cfg_attr(miri, ignore = "too slow there")]
fn one_of_everything_is_good() {
    let profile = Profile::from_toml(GOOD).expect("good");
    let scopes = |level: &str| {
        let level = &profile.levels()[usize::from(profile.level_index(level).expect("a level"))];
        level.scopes.iter().collect::<Vec<_>>()
    };
    assert_eq!(scopes("reading"), [0]);
    assert_eq!(scopes("sending"), [0, 1], "what it includes, too");
    assert_eq!(scopes("full"), [0u16; 0]);
    assert_eq!(
        profile.credential_headers().collect::<Vec<_>>(),
        ["authorization", "x-api-key", "x-other-key"]
    );
    assert_eq!(profile.dimension_index("ip"), Some(2));
    assert_eq!(profile.dimension_index("ipp"), None);
    let like = |pattern: &str| profile.scopes_like(pattern).iter().collect::<Vec<_>>();
    assert_eq!(like("mails.*"), [0, 1]);
    assert_eq!(like("*"), [2, 3], "one segment, not any number");
    assert_eq!(like("*.*"), [0, 1]);
    assert_eq!(like("mails"), [0u16; 0]);
    assert_eq!(like("mails.*.*"), [0u16; 0]);
    assert_eq!(like(""), [0u16; 0]);
    assert_eq!(
        profile.challenges().collect::<Vec<_>>(),
        [
            r#"Basic realm="Everything", charset="UTF-8""#,
            r#"Bearer realm="Everything""#,
            r#"Keyward realm="Everything", header="x-api-key""#,
            r#"Keyward realm="Everything", header="x-other-key""#,
        ]
    );
}

/// Each row: what is exchanged for what, a text on the line that is to be named (what was exchanged, where empty), and a
/// part of the message.
#[test]
#[cfg_attr(miri, ignore = "too slow there")]
#[expect(clippy::too_many_lines, reason = "a table, a mistake a row")]
fn mistakes_are_named_with_their_line_and_mend() {
    let long = format!("title = \"{}\"", "x".repeat(201));
    let table: &[(&str, &str, &str, &str)] = &[
        // The document.
        ("schema_version = 1", "schema_version = 2", "", "reads 1"),
        ("realm =", "relm =", "", "unknown field `relm`"),
        ("id = \"everything\"", "id = everything", "", "quoted"),
        (
            "title = \"Everything\"",
            "id = \"again\"",
            "",
            "duplicate key",
        ),
        (
            "title = \"Sending\"\n",
            "",
            "[[levels]]\nid = \"sending\"",
            "missing field `title`",
        ),
        (
            "kind = \"integer\"",
            "kind = \"number\"",
            "",
            "expected one of `integer`",
        ),
        ("max_values = 1", "max_values = -1", "", "invalid value"),
        ("max_values = 1", "max_values = \"1\"", "", "invalid type"),
        // Names and texts.
        (
            "id = \"everything\"",
            "id = \"Everything\"",
            "",
            "is no name",
        ),
        ("id = \"everything\"", "id = \"\"", "", "is no name"),
        (
            "id = \"idle\"",
            "id = \"__proto__\"",
            "",
            "the first a letter",
        ),
        (
            "name = \"channel\"",
            "name = \"constructor\"",
            "",
            "taken in JavaScript",
        ),
        (
            "create = ",
            "\"Create it\" = ",
            "",
            "word \"Create it\" is no name",
        ),
        ("title = \"Everything\"", &long, "", "at most 200"),
        (
            "\"Everything.\"",
            "\"Every\\u0000thing.\"",
            "",
            "control character",
        ),
        (
            "title = \"Sending\"",
            "title = \"Sen\\nding\"",
            "",
            "control character",
        ),
        (
            "realm = \"Everything\"",
            "realm = \"\\\"\"",
            "",
            "without quotes",
        ),
        // Keys and transports.
        (
            "prefix = \"any_test\"",
            "prefix = \"any-test\"",
            "",
            "key prefix",
        ),
        ("prefix = \"any_test\"", "", "[key]", "begin with a prefix"),
        (
            "\"checksummed\"\nprefix",
            "\"opaque\"\nprefix",
            "prefix =",
            "no prefix; take it out",
        ),
        (
            "\"checksummed\"",
            "\"hex\"",
            "",
            "expected one of `checksummed`",
        ),
        (
            "\"bearer\"",
            "\"cookie\"",
            "",
            "there are: basic_password, basic_whole, bearer, header(name)",
        ),
        (
            "\"header(x-api-key)\"",
            "\"header(X-Api-Key)\"",
            "",
            "in lower case",
        ),
        (
            "\"header(x-api-key)\"",
            "\"header(authorization)\"",
            "",
            "is unknown",
        ),
        (
            "\"header(x-api-key)\"",
            "\"header(cookie)\"",
            "",
            "means something else",
        ),
        (
            "\"header(x-api-key)\"",
            "\"header(x-other-key)\"",
            "",
            "stands there twice",
        ),
        ("\"bearer\"", "\"basic_whole\"", "", "in two ways"),
        (
            "\"bearer\"",
            "\"header(a)\", \"header(b)\"",
            "",
            "at most 3 besides",
        ),
        (
            "[\"basic_password\", \"bearer\", \"header(x-api-key)\", \"header(x-other-key)\"]",
            "[]",
            "transports",
            "no transport",
        ),
        // Scopes and levels.
        ("id = \"spare\"", "id = \"spare..one\"", "", "empty segment"),
        (
            "id = \"spare\"",
            "id = \"keys\"",
            "",
            "scope \"keys\" stands there twice, first in line",
        ),
        (
            "id = \"idle\"",
            "id = \"reading\"",
            "",
            "level \"reading\" stands there twice",
        ),
        ("[\"*.read\"]", "[\"*.reed\"]", "", "means no scope"),
        (
            "[\"*.read\"]",
            "[\"mails*\"]",
            "",
            "stands for a whole segment",
        ),
        (
            "[\"mails.send\"]",
            "[\"mail.send\"]",
            "",
            "there are: mails.read, mails.send, keys, spare",
        ),
        (
            "scopes = [\"*.read\"]\n",
            "",
            "[[levels]]\nid = \"reading\"",
            "grants nothing",
        ),
        (
            "everything = true",
            "everything = false",
            "[[levels]]\nid = \"full\"",
            "grants nothing",
        ),
        (
            "includes = [\"reading\"]",
            "includes = [\"writing\"]",
            "",
            "there are: reading, sending, idle, full",
        ),
        (
            "includes = [\"reading\"]",
            "includes = [\"full\"]",
            "",
            "write `everything = true`",
        ),
        (
            "includes = [\"reading\"]",
            "includes = [\"sending\"]",
            "",
            "sending > sending",
        ),
        (
            "scopes = [\"*.read\"]",
            "includes = [\"sending\"]",
            "includes = [\"reading\"]",
            "reading > sending > reading; take one",
        ),
        ("limit = 100", "limit = 0", "", "at least 1"),
        ("window = 60", "window = 2678401", "", "31 days"),
        (
            "window = 60",
            "window = 60, burst = 2",
            "",
            "unknown field `burst`",
        ),
        // Routes.
        (
            "scope = \"mails.read\"",
            "scope = \"mails.reed\"",
            "",
            "is not declared",
        ),
        (
            "scope = \"mails.read\"",
            "scope = \"mails.*\"",
            "",
            "means no scope",
        ),
        (
            "scope = \"mails.read\"\n",
            "",
            "[[routes]]\n",
            "routes need `scope",
        ),
        (
            "scope = \"mails.read\"\n",
            "scope = \"mails.read\"\nclosed = \"no\"\n",
            "calls = [\"GET /mails\"",
            "not both",
        ),
        (
            "closed = \"Import takes a user's own credentials.\"",
            "closed = \"\"",
            "",
            "say what to use instead",
        ),
        (
            "closed = \"Import",
            "require_fresh = true\nclosed = \"Import",
            "[[routes]]\nclosed",
            "refused always",
        ),
        ("cost = 10", "cost = 1_000_001", "", "at most 1000000 units"),
        ("[\"POST /mails\"]", "[]", "", "no calls"),
        (
            "\"POST /mails\"",
            "\"POST/mails\"",
            "",
            "write a method, a space",
        ),
        (
            "\"POST /mails\"",
            "\"GET /mails\"",
            "",
            "matches the same calls",
        ),
        ("\"POST /mails\"", "\"POST /mails/\"", "", "trailing slash"),
        (
            "\"POST /mails\"",
            "\"POST /{version}\"",
            "",
            "could also be read as the version",
        ),
        (
            "\"POST /mails\"",
            "\"POST /mails/new/{part}\"",
            "",
            "neither is more specific",
        ),
        (
            "\"GET /mails/{id}/raw\"",
            "\"get /mails/{id}/raw\"",
            "",
            "capital letters",
        ),
        (
            "base_path = \"/api\"",
            "base_path = \"api\"",
            "",
            "path \"api\"",
        ),
        // Constraints.
        (
            "name = \"channel\"",
            "name = \"domain\"",
            "",
            "constraint \"domain\" stands there twice",
        ),
        (
            "applies_to = [\"mails.*\"]",
            "applies_to = []",
            "",
            "never be checked",
        ),
        (
            "applies_to = [\"mails.*\"]",
            "applies_to = [\"mail.*\"]",
            "",
            "means no scope",
        ),
        (
            "levels = [\"sending\", \"full\"]",
            "levels = []",
            "",
            "leave it out for all",
        ),
        (
            "levels = [\"sending\", \"full\"]",
            "levels = [\"sending\", \"sending\"]",
            "",
            "stands there twice",
        ),
        (
            "levels = [\"sending\", \"full\"]",
            "levels = [\"admin\"]",
            "",
            "level \"admin\" is not declared",
        ),
        ("max_values = 1", "max_values = 0", "", "from 1 to 1000"),
        ("max_values = 1", "max_values = 1001", "", "from 1 to 1000"),
        ("max_values = 1", "values = [\"1\"]", "", "only texts"),
        (
            "[\"email\", \"sms\"]",
            "[\"email\", \"email\"]",
            "",
            "value \"email\" stands there twice",
        ),
        (
            "[\"email\", \"sms\"]",
            "[\"email\", \"\"]",
            "",
            "an empty value",
        ),
        (
            "kind = \"network\"",
            "applies_to = [\"keys\"]\nkind = \"network\"",
            "",
            "checked on every call",
        ),
        // Fields, lifecycle.
        ("name = \"name\"", "name = \"level\"", "", "every key has"),
        (
            "name = \"contact_email\"",
            "name = \"name\"",
            "",
            "field \"name\" stands there twice",
        ),
        ("max_length = 100", "max_length = 0", "", "from 1 to 10000"),
        (
            "kind = \"email\"",
            "kind = \"phone\"",
            "",
            "expected `text` or `email`",
        ),
        (
            "idle_disable_days = 90",
            "idle_disable_days = 0",
            "",
            "leave it out for never",
        ),
        ("[90, 180, 365]", "[]", "", "no key could be made"),
        (
            "[90, 180, 365]",
            "[90, 365, 180]",
            "",
            "180 stands behind 365",
        ),
        ("[90, 180, 365]", "[90, 90]", "", "each once"),
        ("[90, 180, 365]", "[0, 90]", "", "not from 1 to 36500"),
        ("recoverable = true", "recoverable = 1", "", "invalid type"),
    ];
    let mut missed = Vec::new();
    for (from, to, line, expected) in table {
        let line = line_of(if line.is_empty() { from } else { line });
        let said = said(from, to);
        let first = Profile::from_toml(&GOOD.replacen(from, to, 1)).expect_err(to);
        let place = format!("line {line}: ");
        let named =
            matches!(&said[..], [only] if only.starts_with(&place) && only.contains(expected));
        if !named || first.message() != said[0] {
            missed.push(format!("{to} (line {line}, {expected}): {said:#?}"));
        }
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

#[test]
#[cfg_attr(miri, ignore = "too slow there")]
fn all_mistakes_are_found_at_once_in_the_order_of_the_lines() {
    let text = GOOD
        .replacen("realm = \"Everything\"", "realm = \"\\\\\"", 1)
        .replacen(
            "\"POST /mails\"",
            "\"GET /mails\", \"GET /mails/{other}\"",
            1,
        )
        .replacen("max_length = 100", "max_length = 0", 1)
        .replacen("id = \"everything\"", "id = \"E\"", 1);
    let errors = Profile::check_toml(&text).expect_err("four mistakes");
    let lines: Vec<_> = errors
        .iter()
        .map(|error| {
            let (line, _) = error.message().split_once(':').expect("a line");
            line.to_owned()
        })
        .collect();
    let line = |text: &str| format!("line {}", line_of(text));
    assert_eq!(
        lines,
        [
            line("id = \"everything\""),
            line("realm"),
            line("calls = [\"POST /mails\"]"),
            line("calls = [\"POST /mails\"]"),
            line("max_length = 100"),
        ],
        "{errors:#?}"
    );
}

#[test]
#[cfg_attr(miri, ignore = "too slow there")]
#[expect(clippy::format_collect, reason = "short, and in a test")]
fn too_much_of_anything_is_refused_before_it_is_compared() {
    let scopes: String = (0..129)
        .map(|index| format!("[[scopes]]\nid = \"s{index}\"\ntitle = \"\"\n"))
        .collect();
    let levels: String = (0..1_001)
        .map(|index| format!("[[levels]]\nid = \"l{index}\"\ntitle = \"\"\nscopes = [\"keys\"]\n"))
        .collect();
    let calls: String = (0..10_001)
        .map(|index| format!("\"GET /p{index}\",\n"))
        .collect();
    let calls = format!("[[routes]]\nscope = \"keys\"\ncalls = [{calls}]\n");
    for (more, expected) in [
        (scopes, "too many scopes: a profile has at most 128"),
        (levels, "too many levels: a profile has at most 1000"),
        (calls, "too many calls: a profile has at most 10000"),
        (
            format!("# {}", "x".repeat(1 << 20)),
            "a profile has at most 1048576",
        ),
    ] {
        let errors = Profile::check_toml(&format!("{GOOD}\n{more}")).expect_err(expected);
        assert_eq!(errors.len(), 1);
        assert!(errors[0].message().contains(expected), "{}", errors[0]);
    }
}

#[test]
#[cfg_attr(miri, ignore = "too slow there")]
fn every_preset_is_a_profile() {
    for name in Profile::PRESETS {
        let text = Profile::preset_toml(name).expect("it is listed");
        let profile =
            Profile::check_toml(text).unwrap_or_else(|errors| panic!("{name}: {errors:#?}"));
        assert_eq!(profile.id(), *name);
    }
    assert!(Profile::preset_toml("nobody").is_none());
}
