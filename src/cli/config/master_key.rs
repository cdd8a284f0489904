//! Where the master key comes from: a file, the environment, or what a command prints. Never from the data directory: a
//! thief of that would have the sealed keys and what opens them.

use std::fs::File;
use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use zeroize::Zeroizing;

use super::Config;
use crate::cli::Failure;
use crate::service::{MasterKey, MasterKeys};

/// How long a command may take to print the key.
const PATIENCE: Duration = Duration::from_secs(10);

/// More is no master key.
const MAX_LENGTH: u64 = 1024;

/// The directory in which systemd puts credentials: nobody else reads it, whatever the permissions of its files say.
const CREDENTIALS: &str = "CREDENTIALS_DIRECTORY";

/// Where the master key is.
pub(in crate::cli) enum MasterKeySource {
    File(std::path::PathBuf),
    Command(String),
    Text(Zeroizing<String>),
}

/// The master keys that the settings name; afterwards these do not know them any more.
pub(in crate::cli) fn master_keys(config: &mut Config) -> Result<MasterKeys, Failure> {
    let current = match config.master_key.take() {
        None => None,
        Some(MasterKeySource::File(path)) => Some(of_file(&path, &config.data)?),
        Some(MasterKeySource::Command(command)) => Some(read(
            "the output of master_key_command",
            &of_command(&command, PATIENCE)?,
        )?),
        Some(MasterKeySource::Text(text)) => Some(read("KEYWARD_MASTER_KEY", &text)?),
    };
    let previous = config.previous_master_key_files.iter();
    let previous = previous
        .map(|path| of_file(path, &config.data))
        .collect::<Result<_, _>>()?;
    Ok(MasterKeys::new(current, previous))
}

fn read(whose: &str, text: &str) -> Result<MasterKey, Failure> {
    MasterKey::parse(text.trim_ascii())
        .map_err(|error| Failure::failed(format!("{whose}: {error}")))
}

fn of_file(path: &Path, data: &Path) -> Result<MasterKey, Failure> {
    let name = path.display();
    let fail = |error| Failure::failed(format!("the master key {name}: {error}"));
    if is_inside(path, data) {
        let message = format!(
            "the master key {name} lies in the data directory, where whoever takes the sealed keys takes it as well; keep it elsewhere"
        );
        return Err(Failure::failed(message));
    }
    let file = File::open(path).map_err(fail)?;
    let mode = file.metadata().map_err(fail)?.permissions().mode();
    let is_credential = std::env::var_os(CREDENTIALS)
        .is_some_and(|directory| is_inside(path, Path::new(&directory)));
    if mode & 0o077 != 0 && !is_credential {
        let message = format!(
            "the master key {name} can be read by others (mode {:03o}); run: chmod 400 {name}",
            mode & 0o777
        );
        return Err(Failure::failed(message));
    }
    let mut text = Zeroizing::new(String::with_capacity(
        usize::try_from(MAX_LENGTH).unwrap_or_default(),
    ));
    file.take(MAX_LENGTH)
        .read_to_string(&mut text)
        .map_err(fail)?;
    read(&format!("the master key {name}"), &text)
}

/// Whether `path` is below `directory`, also by links. What does not exist is below nothing.
fn is_inside(path: &Path, directory: &Path) -> bool {
    match (path.canonicalize(), directory.canonicalize()) {
        (Ok(path), Ok(directory)) => path.starts_with(directory),
        _ => false,
    }
}

/// What a command prints. It is ended with all that it started if it takes longer than `patience`.
fn of_command(command: &str, patience: Duration) -> Result<Zeroizing<String>, Failure> {
    let fail = |why: String| Failure::failed(format!("master_key_command {why}"));
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
        let mut text = Zeroizing::new(String::with_capacity(
            usize::try_from(MAX_LENGTH).unwrap_or_default(),
        ));
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
                "printed no key within {} seconds",
                patience.as_secs()
            )))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_prints_the_key_or_says_why_not() {
        let printed = of_command("printf 'ab\\n'", PATIENCE).map_err(|failure| failure.to_string());
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
            let failure = of_command(command, patience)
                .expect_err("refused")
                .to_string();
            assert!(failure.contains(why), "{command}: {failure}");
            assert!(
                !failure.contains("key;"),
                "its arguments may be secret: {failure}"
            );
        }
    }
}
