//! What the walk-through needs: a server on a fresh data directory, a keyspace, a key, a Worker that pins the keyspace.

use crate::build::server::{self, Profile};
use crate::context::Context;
use crate::demo::api::Api;
use crate::demo::systems::Systems;
use crate::demo::worker::Worker;
use crate::plan::{DIM, Live};
use crate::process::Service;
use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The keyspace of the walk-through.
const KEYSPACE: &str = "demo";
/// Its one account.
const ACCOUNT: &str = "acme";

/// Everything that runs.
pub(crate) struct Stage {
    binary: PathBuf,
    pages: PathBuf,
    data: PathBuf,
    master_key: PathBuf,
    server: Option<Service>,
    pub(crate) api: Api,
    pub(crate) worker: Worker,
    pub(crate) systems: Systems,
    /// The customer's key, and its public id.
    pub(crate) key: String,
    pub(crate) key_id: String,
}

impl Stage {
    /// Starts everything.
    pub(crate) fn set(context: &Context, live: &Live, profile: Profile) -> Result<Self> {
        let binary = server::binary(context, profile);
        let pages = context.root.join("www/dist");
        let data = context.scratch("demo-data");
        let _ = fs::remove_dir_all(&data);
        let operator_key = init(&binary, &data)?;
        let master_key = master_key(context, &binary)?;
        let (server, address) = serve(&binary, &pages, &data, &master_key, "127.0.0.1:0")?;
        let api = Api::new(address, operator_key);

        let keyspace = api.post(
            "/keyspaces",
            &json!({ "id": KEYSPACE, "profile": "esputnik" }),
        )?;
        api.post(
            &format!("/keyspaces/{KEYSPACE}/accounts"),
            &json!({ "id": ACCOUNT, "name": "Acme" }),
        )?;
        let token = api.post(
            &format!("/keyspaces/{KEYSPACE}/tokens"),
            &json!({ "rights": ["snapshot.read"], "name": "Worker" }),
        )?;
        let created = api.post(
            &format!("/keyspaces/{KEYSPACE}/accounts/{ACCOUNT}/keys"),
            &json!({ "description": "Shop events", "level": "events" }),
        )?;
        let worker = Worker::start(
            context,
            live,
            &json!({
                "KEYWARD_URL": api.address(),
                "KEYWARD_KEYSPACE": KEYSPACE,
                "KEYWARD_TOKEN": text(&token, "/token")?,
                "KEYWARD_PUBLIC_KEY": text(&keyspace, "/public_keys/0")?,
            }),
        )?;
        Ok(Self {
            binary,
            pages,
            data,
            master_key,
            systems: Systems::set(&api)?,
            server: Some(server),
            worker,
            key: text(&created, "/key")?,
            key_id: text(&created, "/record/id")?,
            api,
        })
    }

    /// Disables or enables the key: `disable`, `enable`.
    pub(crate) fn change(&self, verb: &str) -> Result<()> {
        let path = format!(
            "/keyspaces/{KEYSPACE}/accounts/{ACCOUNT}/keys/{}/{verb}",
            self.key_id
        );
        self.api.post(&path, &json!({}))?;
        Ok(())
    }

    /// Stops the server.
    pub(crate) fn stop_server(&mut self) -> Result<()> {
        match self.server.take() {
            Some(server) => server.stop(),
            None => bail!("the server does not run"),
        }
    }

    /// Starts the server again, where it was.
    pub(crate) fn start_server(&mut self) -> Result<()> {
        let listen = self.api.address().trim_start_matches("http://").to_owned();
        let (server, _) = serve(
            &self.binary,
            &self.pages,
            &self.data,
            &self.master_key,
            &listen,
        )?;
        self.server = Some(server);
        Ok(())
    }

    /// Says where everything is.
    pub(crate) fn introduce(&self) {
        let line = |what: &str, address: &str| {
            anstream::println!("{}{what:<8}{} {address}", DIM.render(), DIM.render_reset());
        };
        line("page", &format!("{}/", self.api.address()));
        line("server", &format!("{}/v1", self.api.address()));
        line("Worker", self.worker.address());
        println!();
    }

    /// Says what to try next.
    pub(crate) fn invite(&self) -> Result<()> {
        let operator_key = self.data.join("operator.key");
        write_private(&operator_key, self.api.operator_key())?;
        let keys = format!(
            "{}/v1/keyspaces/{KEYSPACE}/accounts/{ACCOUNT}/keys",
            self.api.address()
        );
        println!("\nTry it: the customer's key at the Worker, then switch it off at the server.\n");
        println!(
            "  curl -i -u any:{} -X POST {}/api/v1/event",
            self.key,
            self.worker.address()
        );
        println!("  export OPERATOR_KEY=$(cat {})", operator_key.display());
        for verb in ["disable", "enable"] {
            println!(
                "  curl -X POST -H \"Authorization: Bearer $OPERATOR_KEY\" {keys}/{}/{verb}",
                self.key_id
            );
        }
        println!(
            "\nThe page: {}/\nThe operator key lies in {}\nCtrl-C ends it all.",
            self.api.address(),
            operator_key.display()
        );
        Ok(())
    }

    /// Ends everything, and holds that both end when asked.
    pub(crate) fn close(self) -> Result<()> {
        self.worker.stop()?;
        match self.server {
            Some(server) => server.stop(),
            None => Ok(()),
        }
    }
}

/// Makes the data directory; the first operator key comes alone on standard output.
fn init(binary: &Path, data: &Path) -> Result<String> {
    let output = Command::new(binary)
        .args(["init", "--data"])
        .arg(data)
        .output()
        .with_context(|| format!("cannot start {}", binary.display()))?;
    let key = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    if !output.status.success() || key.is_empty() {
        bail!(
            "`keyward init` failed: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    Ok(key)
}

/// The key under which recoverable keys are sealed: made anew, in a file beside the data directory.
fn master_key(context: &Context, binary: &Path) -> Result<PathBuf> {
    let output = Command::new(binary)
        .args(["master-key", "new"])
        .output()
        .with_context(|| format!("cannot start {}", binary.display()))?;
    if !output.status.success() {
        bail!(
            "`keyward master-key new` failed: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    let path = context.scratch("demo-master.key");
    write_private(&path, String::from_utf8_lossy(&output.stdout).trim())?;
    Ok(path)
}

fn serve(
    binary: &Path,
    pages: &Path,
    data: &Path,
    master_key: &Path,
    listen: &str,
) -> Result<(Service, String)> {
    Service::start(
        "server",
        Command::new(binary)
            .args(["serve", "--listen", listen, "--data"])
            .arg(data)
            .arg("--master-key-file")
            .arg(master_key)
            .arg("--pages")
            .arg(pages),
    )
}

/// A string in a reply.
pub(crate) fn text(reply: &Value, pointer: &str) -> Result<String> {
    reply
        .pointer(pointer)
        .and_then(Value::as_str)
        .map(str::to_owned)
        .with_context(|| format!("no text at {pointer} in {reply}"))
}

/// Writes a secret to a file that only its owner can read.
fn write_private(path: &Path, secret: &str) -> Result<()> {
    fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)
        .and_then(|mut file| writeln!(file, "{secret}"))
        .with_context(|| format!("cannot write {}", path.display()))
}
