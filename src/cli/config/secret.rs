//! Where a secret comes from: a file, what a command prints, or the environment. Never an argument, which everybody on
//! the machine can read.

use std::fs::File;
use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use zeroize::Zeroizing;

use crate::cli::Failure;

/// How long a command may take to print it.
const PATIENCE: Duration = Duration::from_secs(10);

/// More is none.
const MAX_LENGTH: u64 = 1024;

/// The directory in which systemd puts credentials: nobody else reads it, whatever the permissions of its files say.
const CREDENTIALS: &str = "CREDENTIALS_DIRECTORY";

/// Where a secret is.
pub(in crate::cli) enum SecretSource {
    File(PathBuf),
    Command(String),
    Text(Zeroizing<String>),
}

/// What a file holds that nobody but its owner can read; `what` the secret is, for people.
pub(super) fn of_file(what: &str, path: &Path) -> Result<Zeroizing<String>, Failure> {
    let name = path.display();
    let fail = |error| Failure::failed(format!("{what} {name}: {error}"));
    let file = File::open(path).map_err(fail)?;
    let mode = file.metadata().map_err(fail)?.permissions().mode();
    let is_credential = std::env::var_os(CREDENTIALS)
        .is_some_and(|directory| is_inside(path, Path::new(&directory)));
    if mode & 0o077 != 0 && !is_credential {
        let message = format!(
            "{what} {name} can be read by others (mode {:03o}); run: chmod 400 {name}",
            mode & 0o777
        );
        return Err(Failure::failed(message));
    }
    let mut text = empty();
    file.take(MAX_LENGTH)
        .read_to_string(&mut text)
        .map_err(fail)?;
    Ok(text)
}

/// Whether `path` is below `directory`, also by links. What does not exist is below nothing.
pub(super) fn is_inside(path: &Path, directory: &Path) -> bool {
    match (path.canonicalize(), directory.canonicalize()) {
        (Ok(path), Ok(directory)) => path.starts_with(directory),
        _ => false,
    }
}

/// What the command of a setting prints.
pub(super) fn of_command(setting: &str, command: &str) -> Result<Zeroizing<String>, Failure> {
    run(setting, command, PATIENCE)
}

/// It is ended with all that it started if it takes longer than `patience`.
fn run(setting: &str, command: &str, patience: Duration) -> Result<Zeroizing<String>, Failure> {
    let fail = |why: String| Failure::failed(format!("{setting} {why}"));
    let mut child = Command::new("sh")
        .args(["-c", command])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .process_group(0)
        .spawn()
        .map_err(|error| fail(format!("cannot be run: {error}")))?;
    let group = Pid::from_child(&child);
    let (done, waiting) = mpsc::channel();
    std::thread::spawn(move || {
        let mut text = empty();
        let read = child
            .stdout
            .take()
            .map_or(Ok(0), |out| out.take(MAX_LENGTH).read_to_string(&mut text));
        let ended = read.and_then(|_| child.wait());
        // Whoever waited has lost patience.
        drop(done.send(ended.map(|status| (status, text))));
    });
    match waiting.recv_timeout(patience) {
        Ok(Ok((status, text))) if status.success() => Ok(text),
        Ok(Ok((status, _))) => Err(fail(format!("failed: {status}"))),
        Ok(Err(error)) => Err(fail(format!("printed what cannot be read: {error}"))),
        Err(_) => {
            // Fails only where all of it has ended meanwhile.
            let _ = kill_process_group(group, Signal::KILL);
            Err(fail(format!(
                "did not end within {} seconds",
                patience.as_secs()
            )))
        }
    }
}

/// Room for all of it, so that no copy is left behind where it grew.
fn empty() -> Zeroizing<String> {
    let most = usize::try_from(MAX_LENGTH).unwrap_or_default();
    Zeroizing::new(String::with_capacity(most))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_prints_the_secret_or_says_why_not() {
        let printed =
            of_command("a_command", "printf 'ab\\n'").map_err(|failure| failure.to_string());
        assert_eq!(printed.as_deref().map(String::as_str), Ok("ab\n"));
        for (command, patience, why) in [
            ("echo key; exit 3", PATIENCE, "exit status: 3"),
            ("printf '\\377'", PATIENCE, "cannot be read"),
            (
                "sleep 60 & sleep 60",
                Duration::from_millis(1),
                "within 0 seconds",
            ),
        ] {
            let failure = run("a_command", command, patience)
                .expect_err("refused")
                .to_string();
            assert!(failure.starts_with("a_command "), "{failure}");
            assert!(failure.contains(why), "{command}: {failure}");
            assert!(
                !failure.contains("key;"),
                "its arguments may be secret: {failure}"
            );
        }
    }
}
