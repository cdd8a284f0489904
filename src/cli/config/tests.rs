//! Every source by itself, and one over another.

use std::ffi::OsString;

use clap::{Args as _, Command, FromArgMatches as _};

use super::*;

/// A file of settings, gone when the test is.
struct Settings(PathBuf);

impl Settings {
    fn new(name: &str, text: &str) -> Self {
        let path =
            std::env::temp_dir().join(format!("keyward-settings-{}-{name}", std::process::id()));
        std::fs::write(&path, text).expect("a writable place");
        Self(path)
    }
}

impl Drop for Settings {
    fn drop(&mut self) {
        drop(std::fs::remove_file(&self.0));
    }
}

fn flags(arguments: &[&str]) -> Flags {
    let command = Flags::augment_args(Command::new("serve").no_binary_name(true));
    let matches = command
        .try_get_matches_from(arguments)
        .expect("well-formed flags");
    Flags::from_arg_matches(&matches).expect("flags")
}

fn environment(variables: &[(&str, &str)]) -> Vec<(OsString, OsString)> {
    let variables = variables
        .iter()
        .map(|(name, value)| ((*name).into(), (*value).into()));
    variables.collect()
}

fn resolved(arguments: &[&str], variables: &[(&str, &str)], file: Option<&Settings>) -> Resolved {
    let file = file.map(|file| &*file.0);
    resolve(flags(arguments), environment(variables), file)
        .unwrap_or_else(|failure| panic!("{failure}"))
}

#[track_caller]
fn refused(arguments: &[&str], variables: &[(&str, &str)], file: Option<&Settings>) -> String {
    let file = file.map(|file| &*file.0);
    let refused = resolve(flags(arguments), environment(variables), file);
    refused.err().expect("refused").to_string()
}

/// What `--print-config` says of a setting: its value and where that is from.
fn told(resolved: &Resolved, name: &str) -> (String, String) {
    let page = anstream::adapter::strip_str(&page(resolved)).to_string();
    let line = page
        .lines()
        .find(|line| line.split("  ").next() == Some(name))
        .unwrap_or_else(|| panic!("{name} in\n{page}"));
    let mut cells = line.split("  ").filter(|cell| !cell.is_empty());
    let mut cell = || cells.next().unwrap_or_default().trim().to_owned();
    cell();
    (cell(), cell())
}

#[test]
fn a_flag_stands_over_the_environment_over_the_file_over_the_default() {
    let file = Settings::new(
        "order",
        "log_level = \"warn\"\nlisten = \"[::1]:1\"\nmax_connections = 7\n",
    );
    let path = file.0.display();
    let everything = resolved(
        &["--data", "a", "--listen", "[::1]:3"],
        &[
            ("KEYWARD_LISTEN", "[::1]:2"),
            ("KEYWARD_LOG_LEVEL", "error"),
            ("HOME", "x"),
        ],
        Some(&file),
    );
    for (name, value, from) in [
        ("data", "a", "flag --data".to_owned()),
        ("listen", "[::1]:3", "flag --listen".to_owned()),
        (
            "log_level",
            "error",
            "environment KEYWARD_LOG_LEVEL".to_owned(),
        ),
        ("max_connections", "7", format!("{path} line 3")),
        ("farewell_seconds", "10", "default".to_owned()),
        ("public_url", "–", "not set".to_owned()),
    ] {
        assert_eq!(told(&everything, name), (value.to_owned(), from), "{name}");
    }
    let config = everything.config;
    assert_eq!(config.data, Path::new("a"));
    assert_eq!(config.listen.to_string(), "[::1]:3");
    assert_eq!(config.log_level, "error");
    assert_eq!(config.max_connections, 7);
    assert_eq!(config.farewell, Duration::from_secs(10));
    assert_eq!(config.listen.port(), 3);
}

#[test]
fn every_setting_can_be_said_in_every_place() {
    let samples = [
        ("data", "\"d\"", "d"),
        ("listen", "\"127.0.0.1:1\"", "127.0.0.1:1"),
        ("pages", "\"p\"", "p"),
        ("public_url", "\"https://k.example\"", "https://k.example"),
        ("master_key_file", "\"k\"", "k"),
        ("previous_master_key_files", "[\"a\", \"b\"]", "a:b"),
        ("mail_url", "\"smtps://m.example\"", "smtps://m.example"),
        ("mail_from", "\"k@m.example\"", "k@m.example"),
        ("mail_user", "\"u\"", "u"),
        ("mail_password_file", "\"p\"", "p"),
        ("mail_ca_file", "\"c\"", "c"),
        ("mail_timeout_seconds", "1", "1"),
        ("log_format", "\"json\"", "json"),
        ("log_level", "\"debug\"", "debug"),
        ("open_metrics", "true", "true"),
        ("flush_interval_seconds", "1", "1"),
        ("maintenance_interval_seconds", "1", "1"),
        ("max_connections", "1", "1"),
        ("farewell_seconds", "0", "0"),
    ];
    let told_in_all = samples.map(|(name, ..)| name);
    for setting in &SETTINGS {
        let elsewhere = [
            "master_key",
            "master_key_command",
            "mail_password",
            "mail_password_command",
        ];
        let elsewhere = elsewhere.contains(&setting.name);
        assert!(
            elsewhere || told_in_all.contains(&setting.name),
            "{}",
            setting.name
        );
    }
    for (name, toml, text) in samples {
        let file = Settings::new(name, &format!("{name} = {toml}"));
        let variable = format!("KEYWARD_{}", name.to_uppercase());
        let flag = format!("--{}", name.replace('_', "-"));
        let data = if name == "data" {
            &[][..]
        } else {
            &["--data", "d"]
        };
        let company = company(name);
        let of_file = resolved(data, &company, Some(&file));
        assert_eq!(
            told(&of_file, name).1,
            format!("{} line 1", file.0.display())
        );
        let mut with_it = company.clone();
        with_it.push((&variable, text));
        let of_environment = resolved(data, &with_it, None);
        assert_eq!(
            told(&of_environment, name).1,
            format!("environment {variable}")
        );
        let mut arguments = data.to_vec();
        let between = if name == "previous_master_key_files" {
            ':'
        } else {
            '\0'
        };
        let parts = text.split(between);
        let assigned: Vec<_> = parts.map(|part| format!("{flag}={part}")).collect();
        arguments.extend(assigned.iter().map(|part| &**part));
        let of_flag = resolved(&arguments, &company, None);
        assert_eq!(told(&of_flag, name).1, format!("flag {flag}"));
        assert_eq!(
            told(&of_flag, name).0,
            told(&of_environment, name).0,
            "{name}"
        );
    }
}

/// What the settings of mail need beside each other, without `name` itself.
fn company(name: &str) -> Vec<(&'static str, &'static str)> {
    let all = [
        ("KEYWARD_MAIL_URL", "smtps://m.example"),
        ("KEYWARD_MAIL_FROM", "k@m.example"),
        ("KEYWARD_MAIL_USER", "u"),
        ("KEYWARD_MAIL_PASSWORD", "p"),
    ];
    let own = format!("KEYWARD_{}", name.to_uppercase());
    let mut company = all.to_vec();
    company.retain(|(variable, _)| !own.starts_with(variable));
    if name.starts_with("mail_") {
        company
    } else {
        Vec::new()
    }
}

#[test]
fn the_settings_of_mail_stand_together() {
    let all = company("mail_ca_file");
    let without = |left_out: &str| {
        let mut some = all.clone();
        some.retain(|(name, _)| *name != left_out);
        refused(&["--data", "d"], &some, None)
    };
    for (left_out, said) in [
        ("KEYWARD_MAIL_URL", "mail_from needs mail_url beside it"),
        ("KEYWARD_MAIL_FROM", "mail_url needs mail_from beside it"),
        (
            "KEYWARD_MAIL_USER",
            "the mail password needs mail_user beside it",
        ),
        (
            "KEYWARD_MAIL_PASSWORD",
            "mail_user needs mail_password_file",
        ),
    ] {
        assert!(without(left_out).contains(said), "{}", without(left_out));
    }
    let both = refused(&["--data", "d", "--mail-password-file", "f"], &all, None);
    assert!(both.contains("both name the mail password"), "{both}");
    let page = page(&resolved(&["--data", "d"], &all, None));
    let line = page.lines().find(|line| line.starts_with("mail_password "));
    assert!(line.is_some_and(|line| line.contains("[elided]")), "{page}");
    for (name, value, said) in [
        (
            "KEYWARD_MAIL_URL",
            "smtp://user:s3cret@m.example",
            "smtps://HOST",
        ),
        ("KEYWARD_MAIL_FROM", "nobody", "an address in ASCII"),
    ] {
        let mut wrong = all.clone();
        wrong.retain(|(known, _)| *known != name);
        wrong.push((name, value));
        let why = refused(&["--data", "d"], &wrong, None);
        assert!(why.contains(said) && !why.contains("s3cret"), "{why}");
    }
    let file = Settings::new("mail", "data = \"d\"\nmail_password = \"s3cret\"\n");
    let why = refused(&[], &[], Some(&file));
    assert!(
        why.contains("mail_password: comes by the environment only"),
        "{why}"
    );
}

#[test]
fn what_is_unknown_is_refused_with_its_line_and_what_was_meant() {
    let file = Settings::new(
        "unknown",
        "data = \"d\"\n\nlistn = \"x\"\n[server]\nport = 1\n",
    );
    let path = file.0.display();
    assert_eq!(
        refused(&[], &[("KEYWARD_MASTERKEY_FILE", "x")], Some(&file)),
        format!(
            "environment KEYWARD_MASTERKEY_FILE: is no setting of `keyward serve`; did you mean KEYWARD_MASTER_KEY_FILE?\n         \
             {path} line 3: there is no setting `listn`; did you mean `listen`?\n         \
             {path} line 4: there is no setting `server`; `keyward serve --help` lists them"
        )
    );
    let broken = Settings::new("broken", "data = \"d\"\ndata = \"e\"\n");
    let why = refused(&[], &[], Some(&broken));
    assert!(why.contains(" line 2: duplicate key"), "{why}");
}

#[test]
fn variables_of_others_are_nothing_to_serve() {
    let others = [
        ("KEYWARD_URL", "x"),
        ("KEYWARD_OPERATOR_KEY", "x"),
        ("KEYWARD_SERVICE_HOST", "10.0.0.1"),
        ("KEYWARD_PORT_8787_TCP", "x"),
        ("KEYWARD_PAGES", ""),
        ("RUST_LOG", "trace"),
    ];
    let resolved = resolved(&["--data", "d"], &others, None);
    assert_eq!(
        told(&resolved, "pages").1,
        "not set",
        "empty is as good as absent"
    );
    assert_eq!(
        told(&resolved, "log_level"),
        ("trace".to_owned(), "environment RUST_LOG".to_owned())
    );
    let own = super::resolve(
        flags(&["--data", "d"]),
        environment(&[("RUST_LOG", "trace"), ("KEYWARD_LOG_LEVEL", "warn")]),
        None,
    );
    let own = own.unwrap_or_else(|failure| panic!("{failure}"));
    assert_eq!(told(&own, "log_level").1, "environment KEYWARD_LOG_LEVEL");
}

#[test]
fn wrong_values_are_refused_all_at_once_with_what_would_be_right() {
    let file = Settings::new(
        "wrong",
        "listen = 8787\nopen_metrics = \"yes\"\nmax_connections = 0\nprevious_master_key_files = \"k\"\nmaster_key = \"ab\"\n",
    );
    let why = refused(
        &["--log-format", "xml", "--farewell-seconds", "601"],
        &[
            ("KEYWARD_LOG_LEVEL", "lou=d"),
            ("KEYWARD_PUBLIC_URL", "keys.example.com"),
        ],
        Some(&file),
    );
    for said in [
        "line 1: listen: write a text in quotes",
        "line 2: open_metrics: write true or false",
        "line 3: max_connections: is a number from 1 to 65536",
        "line 4: previous_master_key_files: write a list of texts",
        "line 5: master_key: comes by the environment only",
        "flag --log-format: log_format: choose auto, text or json",
        "flag --farewell-seconds: farewell_seconds: is a number from 0 to 600",
        "environment KEYWARD_LOG_LEVEL: log_level: is no level",
        "environment KEYWARD_PUBLIC_URL: public_url: write an address such as https://",
    ] {
        assert!(why.contains(said), "{said}\nin: {why}");
    }
    assert_eq!(
        refused(&[], &[], None),
        "no data directory: give --data DIR, KEYWARD_DATA or `data` in the file of --config"
    );
}

#[test]
fn one_source_names_the_master_key() {
    let file = Settings::new("two", "data = \"d\"\nmaster_key_file = \"k\"\n");
    let secret = "00".repeat(32);
    let why = refused(&[], &[("KEYWARD_MASTER_KEY", &secret)], Some(&file));
    assert!(
        why.contains("both name the master key; leave one of them"),
        "{why}"
    );
    assert!(!why.contains(&secret));
}

#[test]
fn secrets_are_not_printed() {
    let secret = "5e".repeat(32);
    let with_text = resolved(&["--data", "d"], &[("KEYWARD_MASTER_KEY", &secret)], None);
    assert_eq!(
        told(&with_text, "master_key"),
        (
            "[elided]".to_owned(),
            "environment KEYWARD_MASTER_KEY".to_owned()
        )
    );
    assert!(!page(&with_text).contains(&secret));
    let with_command = resolved(
        &[
            "--data",
            "d",
            "--master-key-command",
            "vault read --token=s3cret key",
        ],
        &[],
        None,
    );
    assert_eq!(told(&with_command, "master_key_command").0, "vault …");
    assert!(!page(&with_command).contains("s3cret"));
}

#[test]
fn paths_in_a_file_start_at_its_directory() {
    let file = Settings::new(
        "paths",
        "data = \"d\"\npages = \"/p\"\nprevious_master_key_files = [\"a\", \"/b\"]\n",
    );
    let config = resolved(&[], &[], Some(&file)).config;
    let base = file.0.parent().expect("a directory");
    assert_eq!(config.data, base.join("d"));
    assert_eq!(config.pages.as_deref(), Some(Path::new("/p")));
    assert_eq!(
        config.previous_master_key_files,
        [base.join("a"), PathBuf::from("/b")]
    );
}
