//! A server in a process of its own.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::Outcome;

/// Ended when dropped.
pub struct Server {
    child: Child,
    pub address: SocketAddr,
}

impl Server {
    /// Starts a program that says where it listens.
    pub fn start(command: &mut Command) -> Outcome<Self> {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let mut line = String::new();
        let said = child.stdout.take().map(BufReader::new);
        if let Some(mut said) = said {
            said.read_line(&mut line)?;
        }
        let address = line.trim().rsplit("http://").next().unwrap_or_default();
        let address = address.parse().map_err(|_| {
            let _ = child.kill();
            format!("the server did not start: {line:?}")
        })?;
        Ok(Self { child, address })
    }

    /// `keyward serve` as it is installed: logging to a file, since nobody watches.
    pub fn keyward(program: &Path, data: &Path) -> Command {
        let mut command = Command::new(program);
        command
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(data);
        command
    }

    /// Another part of this program.
    pub fn own(part: &str, of: impl AsRef<std::ffi::OsStr>) -> Outcome<Command> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg(part).arg(of);
        Ok(command)
    }

    /// Says a line to it.
    pub fn say(&mut self, line: &str) -> Outcome {
        let input = self.child.stdin.as_mut().ok_or("no input")?;
        writeln!(input, "{line}")?;
        Ok(input.flush()?)
    }

    /// What of its memory is resident, in bytes.
    pub fn memory(&self) -> Outcome<f64> {
        self.status("VmRSS:")
    }

    /// The most that ever was.
    pub fn peak(&self) -> Outcome<f64> {
        self.status("VmHWM:")
    }

    fn status(&self, name: &str) -> Outcome<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        let kibibytes: f64 = line
            .and_then(|line| line.trim().strip_suffix(" kB"))
            .ok_or("no such line")?
            .trim()
            .parse()?;
        Ok(kibibytes * 1024.0)
    }

    /// The processor's time that it has taken.
    pub fn processor(&self) -> Outcome<Duration> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        let fields = stat.rsplit(')').next().unwrap_or_default();
        let mut fields = fields.split_whitespace().skip(11);
        let mut ticks = || fields.next().unwrap_or_default().parse::<u64>();
        // A hundred a second, on every Linux there is.
        Ok(Duration::from_millis((ticks()? + ticks()?) * 10))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
