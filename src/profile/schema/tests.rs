//! Mistakes: each is named with its line and its mend.

use crate::profile::{Dialect, Profile, Uniqueness};

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

/// Each row: what is exchanged for what, a text on the line that is to be named (what was exchanged, where empty), and
/// a part of the message.
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
        (
            "name = \"contact_email\"",
            "name = \"level\"",
            "",
            "every key has",
        ),
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
        (
            "unique = \"account\"",
            "unique = \"keyspace\"",
            "",
            "expected `account` or `account_and_level`",
        ),
        (
            "shown_characters = 40",
            "shown_characters = 0",
            "",
            "write 1 to 100",
        ),
        (
            "shown_characters = 40",
            "shown_characters = 101",
            "",
            "leave it out to show all",
        ),
        (
            "max_expires_in_days = 366",
            "max_expires_in_days = 0",
            "",
            "leave it out for any lifetime",
        ),
        (
            "max_expires_in_days = 366",
            "max_expires_in_days = 364",
            "expires_in_days = [90",
            "365 is more than max_expires_in_days, which is 364",
        ),
        (
            "rotation_grace_days = 7",
            "rotation_grace_days = 36501",
            "",
            "write 0 to 36500",
        ),
        (
            "notice_days = 30",
            "notice_days = 0",
            "",
            "leave it out for no notice",
        ),
        (
            "notice_days = 30",
            "notice_days = 90",
            "",
            "write less than 90",
        ),
        (
            "create = \"New key\"",
            "notice_text = \"{hint} {nmae}\"",
            "",
            "nothing to write for {nmae}; there are: title, id, hint, level, expires_at, days, url, name, contact_email",
        ),
        // What the server and its pages know.
        (
            "[\"key\", \"domain\", \"status\"]",
            "[]",
            "",
            "columns lists nothing",
        ),
        (
            "\"domain\", \"status\"",
            "\"dominion\", \"status\"",
            "",
            "there are: name, contact_email, domain, channel, ip, key, id",
        ),
        (
            "\"domain\", \"status\"",
            "\"domain\", \"key\"",
            "",
            "column \"key\" stands there twice",
        ),
        (
            "\"Look\" = [\"keys.read\"]",
            "\"Look\" = []",
            "",
            "stands for no right",
        ),
        (
            "\"Look\" = [\"keys.read\"]",
            "\"Look\" = [\"Read\"]",
            "",
            "right \"Read\" is no name",
        ),
        (
            "\"Look\" = [\"keys.read\"]",
            "\"Look\" = [\"keys.read\", \"keys.read\"]",
            "",
            "right \"keys.read\" stands there twice",
        ),
        ("\"Look\" =", "\" \" =", "", "without control characters"),
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

/// A profile may have a dialect where keys can be made through it.
#[test]
#[cfg_attr(miri, ignore = "too slow there")]
fn a_dialect_knows_a_name_and_no_more() {
    let good = Profile::preset_toml("emailit").expect("a preset");
    for (from, to, expected) in [
        (
            "dialect = \"emailit\"",
            "dialect = \"esputnik\"",
            "expected `emailit` or `inboxfirst`",
        ),
        (
            "name = \"name\"",
            "name = \"description\"",
            "add [[fields]] with name = \"name\"",
        ),
        (
            "[[fields]]",
            "[[fields]]\nname = \"team\"\nlabel = \"\"\nmax_length = 1\n[[fields]]",
            "before all others",
        ),
        (
            "unique = \"account\"",
            "[[fields]]\nname = \"owner\"\nlabel = \"\"\nrequired = true\nmax_length = 1",
            "no dialect has it",
        ),
        (
            "[vocabulary]",
            "[lifecycle]\nexpires_in_days = [90]\n[vocabulary]",
            "need an end",
        ),
        (
            "[vocabulary]",
            "[lifecycle]\nmax_expires_in_days = 90\n[vocabulary]",
            "need an end",
        ),
    ] {
        assert!(good.contains(from), "{from}");
        let text = good
            .replacen(from, to, 1)
            .replace("\"name\", \"level\"", "\"level\"");
        let errors = Profile::check_toml(&text).expect_err(to);
        assert_eq!(errors.len(), 1, "{errors:#?}");
        assert!(errors[0].message().contains(expected), "{}", errors[0]);
    }
    let other = good.replacen("dialect = \"emailit\"", "dialect = \"inboxfirst\"", 1);
    let other = Profile::from_toml(&other).expect("a format is no system");
    assert_eq!(other.dialect(), Some(Dialect::Inboxfirst));
}

/// What stays at the server, and what it is where nothing is said.
#[test]
#[cfg_attr(miri, ignore = "too slow there")]
fn what_a_server_needs_is_read() {
    let profile = Profile::from_toml(GOOD).expect("good");
    assert_eq!(&*profile.default_level().id, "reading");
    assert_eq!(profile.name_field().map(|field| &*field.name), Some("name"));
    let fields = profile.fields();
    assert_eq!(fields[0].unique, Some(Uniqueness::Account));
    assert_eq!(fields[0].shown_characters, Some(40));
    assert_eq!(fields[1].unique, Some(Uniqueness::AccountAndLevel));
    assert_eq!(fields[1].shown_characters, None);
    let lifecycle = profile.lifecycle();
    assert_eq!(lifecycle.max_expires_in_days, Some(366));
    assert_eq!(lifecycle.rotation_grace_days, 7);
    assert_eq!(lifecycle.notice_days, Some(30));
    assert_eq!(profile.dialect(), None);
    assert!(
        profile
            .columns()
            .iter()
            .map(|column| &**column)
            .eq(["key", "domain", "status"])
    );
    let privileges: Vec<_> = profile
        .privileges()
        .iter()
        .map(|(name, rights)| (&**name, rights.join(" ")))
        .collect();
    assert_eq!(
        privileges,
        [
            ("Look", "keys.read".to_owned()),
            ("Administer", "keys.read keys.write".to_owned()),
        ],
        "in the document's order"
    );
    assert_eq!(profile.word("create"), Some("New key"));
    assert_eq!(profile.not_enabled(), None);

    let again = Profile::decode(&profile.compile()).expect("its own bytes");
    assert_eq!(again.lifecycle().max_expires_in_days, None);
    assert_eq!(again.lifecycle().rotation_grace_days, 0);
    assert_eq!(again.dialect(), None);
    assert!(again.columns().is_empty() && again.privileges().is_empty());
}

/// What the five systems' rows say of it.
#[test]
#[cfg_attr(miri, ignore = "too slow there")]
fn the_presets_say_what_their_servers_do() {
    let preset = |name| Profile::preset(name).expect("a preset");
    let name = |name| {
        let profile = preset(name);
        profile.name_field().map(|field| field.name.to_string())
    };
    let names = Profile::PRESETS.iter().map(|&preset| name(preset));
    assert_eq!(
        names.flatten().collect::<Vec<_>>(),
        [
            "description",
            "name",
            "nickname",
            "contact_email",
            "name",
            "name"
        ]
    );
    for (name, level, dialect, grace) in [
        ("esputnik", "full", None, 0),
        ("emailit", "full", Some(Dialect::Emailit), 0),
        ("optimove", "admin", None, 7),
        ("smashfly", "list", None, 0),
        (
            "inboxfirst",
            "organization_admin",
            Some(Dialect::Inboxfirst),
            0,
        ),
        ("keyward", "read", None, 7),
    ] {
        let profile = preset(name);
        assert_eq!(&*profile.default_level().id, level, "{name}");
        assert_eq!(profile.dialect(), dialect, "{name}");
        assert_eq!(profile.lifecycle().rotation_grace_days, grace, "{name}");
        // Whatever is shown has a head of its own.
        assert!(!profile.columns().is_empty(), "{name}");
        for column in profile.columns() {
            assert!(
                profile.word(&format!("column_{column}")).is_some(),
                "{name}: {column}"
            );
        }
    }
    let smashfly = preset("smashfly");
    assert_eq!(
        smashfly.fields()[0].unique,
        Some(Uniqueness::AccountAndLevel)
    );
    assert_eq!(smashfly.fields()[1].shown_characters, Some(40));
    assert_eq!(smashfly.lifecycle().max_expires_in_days, Some(365));
    assert_eq!(smashfly.lifecycle().notice_days, Some(30));
    assert!(
        smashfly
            .not_enabled()
            .is_some_and(|text| text.contains("Success Manager"))
    );
    assert_eq!(
        preset("emailit").fields()[0].unique,
        Some(Uniqueness::Account)
    );
    assert_eq!(preset("inboxfirst").fields()[0].unique, None, "I22");
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
