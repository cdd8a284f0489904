//! Long-lived children: started in process groups of their own, listened to until they are ready, and ended with all
//! their descendants, however xtask ends.

use anyhow::{Context as _, Result, bail};
use rustix::process::{Pid, Signal, kill_process_group};
use std::io::{BufRead as _, BufReader, Read};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, Once, PoisonError, mpsc};
use std::thread;
use std::time::{Duration, Instant};

/// How long a child may take to say that it listens.
const READY_WITHIN: Duration = Duration::from_secs(30);
/// How long a child may take to end by itself.
const ENDS_WITHIN: Duration = Duration::from_secs(5);

/// The groups that run now: the signal handler has nothing else to go by.
static GROUPS: Mutex<Vec<Pid>> = Mutex::new(Vec::new());

/// A child that serves something.
pub(crate) struct Service {
    name: &'static str,
    child: Child,
    group: Pid,
    said: Arc<Mutex<String>>,
}

impl Service {
    /// Starts it, and waits for its line `listening on http://…`: the address is returned with it.
    pub(crate) fn start(name: &'static str, command: &mut Command) -> Result<(Self, String)> {
        end_all_on_signals();
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()
            .with_context(|| format!("cannot start the {name}"))?;
        let group = Pid::from_child(&child);
        groups(|groups| groups.push(group));
        let said = Arc::default();
        let (address, found) = mpsc::channel();
        if let (Some(out), Some(err)) = (child.stdout.take(), child.stderr.take()) {
            listen(out, Arc::clone(&said), address.clone());
            listen(err, Arc::clone(&said), address);
        }
        let service = Self {
            name,
            child,
            group,
            said,
        };
        match found.recv_timeout(READY_WITHIN) {
            Ok(address) => Ok((service, address)),
            Err(_) => bail!(
                "the {name} did not say `listening on http://…`:\n{}",
                service.said()
            ),
        }
    }

    /// What it printed so far.
    pub(crate) fn said(&self) -> String {
        self.said
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Asks it to end, and waits for that.
    pub(crate) fn stop(mut self) -> Result<()> {
        if self.end() {
            Ok(())
        } else {
            bail!("the {} did not end when asked:\n{}", self.name, self.said())
        }
    }

    /// Whether it ended when asked; it is gone in any case.
    fn end(&mut self) -> bool {
        let _ = kill_process_group(self.group, Signal::TERM);
        let asked = Instant::now();
        let mut obeyed = false;
        while asked.elapsed() < ENDS_WITHIN && !obeyed {
            thread::sleep(Duration::from_millis(5));
            obeyed = !matches!(self.child.try_wait(), Ok(None));
        }
        let _ = kill_process_group(self.group, Signal::KILL);
        let _ = self.child.wait();
        groups(|groups| groups.retain(|group| *group != self.group));
        obeyed
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        if groups(|groups| groups.contains(&self.group)) {
            self.end();
        }
    }
}

/// Keeps what a stream says, and reports the address in it.
fn listen(
    stream: impl Read + Send + 'static,
    said: Arc<Mutex<String>>,
    address: mpsc::Sender<String>,
) {
    thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            if let Some(found) = address_in(&line) {
                let _ = address.send(found);
            }
            let mut said = said.lock().unwrap_or_else(PoisonError::into_inner);
            said.push_str(&line);
            said.push('\n');
        }
    });
}

/// The address of a line `listening on http://127.0.0.1:8787`, whatever stands around it.
fn address_in(line: &str) -> Option<String> {
    let (_, rest) = line.split_once("listening on ")?;
    let address = rest
        .split(|char: char| char.is_whitespace() || char == '"')
        .next()?;
    address
        .starts_with("http://")
        .then(|| address.trim_end_matches('/').to_owned())
}

fn groups<T>(with: impl FnOnce(&mut Vec<Pid>) -> T) -> T {
    with(&mut GROUPS.lock().unwrap_or_else(PoisonError::into_inner))
}

/// Ctrl-C and SIGTERM end the children, then xtask.
fn end_all_on_signals() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let installed = ctrlc::set_handler(|| {
            let running = groups(|groups| groups.clone());
            for group in &running {
                let _ = kill_process_group(*group, Signal::TERM);
            }
            thread::sleep(Duration::from_millis(300));
            for group in &running {
                let _ = kill_process_group(*group, Signal::KILL);
            }
            println!();
            std::process::exit(130);
        });
        if let Err(error) = installed {
            eprintln!("Ctrl-C will not end the server and the Worker: {error}");
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_address() {
        assert_eq!(
            address_in("listening on http://127.0.0.1:8787").as_deref(),
            Some("http://127.0.0.1:8787")
        );
        assert_eq!(
            address_in("INFO listening on http://[::1]:80/ pid=4").as_deref(),
            Some("http://[::1]:80")
        );
        assert_eq!(address_in("listening on a socket"), None);
    }

    #[test]
    fn a_child_and_its_children_end_with_the_service() {
        let script = "sleep 600 & echo listening on http://127.0.0.1:1; wait";
        let (service, address) =
            Service::start("script", Command::new("sh").args(["-c", script])).expect("sh starts");
        assert_eq!(address, "http://127.0.0.1:1");
        let group = service.group;
        drop(service);
        let begun = Instant::now();
        while rustix::process::test_kill_process_group(group).is_ok() {
            assert!(
                begun.elapsed() < Duration::from_secs(5),
                "a process of the group still runs"
            );
            thread::sleep(Duration::from_millis(5));
        }
    }
}
