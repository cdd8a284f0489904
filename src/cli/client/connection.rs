//! Which server a command asks, and as whom.

use std::env;
use std::fs;
use std::io::Read as _;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use ureq::Agent;
use ureq::http::Uri;
use ureq::http::uri::Scheme;
use ureq::tls::{PemItem, RootCerts, TlsConfig, parse_pem};
use zeroize::Zeroizing;

use super::Client;
use crate::cli::presented::unreadable;
use crate::cli::{Failure, hardening, prompt};

/// Where `keyward serve` listens unless it is told otherwise.
const DEFAULT_URL: &str = "http://127.0.0.1:8787";

/// The environment's operator key.
const OPERATOR_KEY: &str = "KEYWARD_OPERATOR_KEY";

const CONNECT_WITHIN: Duration = Duration::from_secs(10);

/// The most that is read where an operator key should be.
const MAX_CREDENTIAL: u64 = 4096;

/// What every managing command takes: where the server is, who asks, and how the answer is printed.
#[derive(Args)]
#[command(next_help_heading = "Server and output")]
pub(in crate::cli) struct Server {
    /// The server's address
    #[arg(long, global = true, value_name = "URL", env = "KEYWARD_URL", default_value = DEFAULT_URL)]
    url: String,
    /// The file of the operator key [default: the variable `KEYWARD_OPERATOR_KEY`, or on a terminal you are asked]
    #[arg(long, global = true, value_name = "FILE")]
    operator_key_file: Option<PathBuf>,
    /// Trust only the certificate authorities in this PEM file [default: Mozilla's]
    #[arg(long, global = true, value_name = "FILE", env = "KEYWARD_CA_FILE")]
    ca_file: Option<PathBuf>,
    /// Send keys over plain http:// to another machine, where everyone between can read them
    #[arg(long, global = true)]
    insecure_http: bool,
    /// Print the server's whole answer as JSON; refusals too, to stderr
    #[arg(long, global = true)]
    pub(in crate::cli) json: bool,
}

impl Server {
    /// A client, once it is known that the address is safe to send a key to.
    pub(in crate::cli) fn connect(&self) -> Result<Client, Failure> {
        hardening::protect_memory();
        let base = base(&self.url, self.insecure_http)?;
        let key = self.operator_key()?;
        let key = std::str::from_utf8(&key).unwrap_or_default();
        if key.is_empty() || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
            let message = "what was given as the operator key is none: such a key has no spaces, and no characters beyond ASCII";
            return Err(Failure::usage(message));
        }
        let credential = Zeroizing::new(format!("Bearer {key}"));
        Ok(Client::new(self.agent(&base)?, base, credential))
    }

    /// How a command ends: what goes wrong is told as the output is wanted.
    pub(in crate::cli) fn done(&self, outcome: Result<(), Failure>) -> Result<ExitCode, Failure> {
        self.told(outcome.map(|()| ExitCode::SUCCESS))
    }

    /// The same for a command whose exit code is an answer.
    pub(in crate::cli) fn told(
        &self,
        outcome: Result<ExitCode, Failure>,
    ) -> Result<ExitCode, Failure> {
        outcome.map_err(|failure| {
            if self.json {
                failure.into_json()
            } else {
                failure
            }
        })
    }

    fn agent(&self, base: &str) -> Result<Agent, Failure> {
        let mut config = Agent::config_builder()
            .http_status_as_error(false)
            // A redirect would carry the operator key elsewhere.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_connect(Some(CONNECT_WITHIN))
            .user_agent(concat!("keyward/", env!("CARGO_PKG_VERSION")));
        if base.starts_with("http:") {
            // A proxy would see the key. Through https it sees a tunnel.
            config = config.proxy(None);
        }
        if let Some(path) = &self.ca_file {
            let authorities = authorities(path)?;
            config = config.tls_config(TlsConfig::builder().root_certs(authorities).build());
        }
        Ok(config.build().into())
    }

    fn operator_key(&self) -> Result<Zeroizing<Vec<u8>>, Failure> {
        if let Some(path) = &self.operator_key_file {
            let mut key = Zeroizing::new(Vec::new());
            fs::File::open(path)
                .and_then(|file| file.take(MAX_CREDENTIAL).read_to_end(&mut key))
                .map_err(|error| {
                    Failure::usage(format!("--operator-key-file {}", unreadable(path, &error)))
                })?;
            let key = Zeroizing::new(key.trim_ascii().to_vec());
            if key.is_empty() {
                let path = path.display();
                return Err(Failure::usage(format!(
                    "--operator-key-file {path}: it is empty"
                )));
            }
            return Ok(key);
        }
        if let Some(key) = env::var_os(OPERATOR_KEY) {
            let key = Zeroizing::new(key.into_encoded_bytes());
            let key = Zeroizing::new(key.trim_ascii().to_vec());
            // A command that failed leaves an empty variable: as good as none.
            if !key.is_empty() {
                return Ok(key);
            }
        }
        prompt::secret("Operator key: ")?.ok_or_else(|| {
            Failure::usage(format!(
                "no operator key: set {OPERATOR_KEY} to what `keyward init` printed, or name the file that it is in by \
                 --operator-key-file"
            ))
        })
    }
}

/// The address without a slash at its end, where a key may be sent there.
fn base(url: &str, insecure_http: bool) -> Result<String, Failure> {
    let refuse = |why: &str| Err(Failure::usage(format!("--url {url}: {why}")));
    let Ok(parsed) = url.parse::<Uri>() else {
        return refuse("write an address with its scheme, such as https://keys.example.com");
    };
    let (Some(scheme), Some(authority)) = (parsed.scheme(), parsed.authority()) else {
        return refuse("write an address with its scheme, such as https://keys.example.com");
    };
    if authority.as_str().contains('@') {
        return refuse("it must not hold a user name; the operator key says who asks");
    }
    if parsed.query().is_some() || url.contains('#') {
        return refuse("it must end with its path");
    }
    if *scheme == Scheme::HTTP {
        if !insecure_http && !is_loopback(authority.host()) {
            return refuse(
                "over http:// everyone on the way can read the operator key; use https://, or add --insecure-http",
            );
        }
    } else if *scheme != Scheme::HTTPS {
        return refuse("it must start with https:// or http://");
    }
    Ok(url.trim_end_matches('/').to_owned())
}

fn is_loopback(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    match host.parse::<IpAddr>() {
        Ok(address) => address.is_loopback(),
        Err(_) => host.eq_ignore_ascii_case("localhost"),
    }
}

fn authorities(path: &Path) -> Result<RootCerts, Failure> {
    let refuse = |why: String| Failure::usage(format!("--ca-file {}: {why}", path.display()));
    let pem = fs::read(path).map_err(|error| refuse(error.to_string()))?;
    let mut certificates = Vec::new();
    for item in parse_pem(&pem) {
        if let PemItem::Certificate(certificate) =
            item.map_err(|error| refuse(error.to_string()))?
        {
            certificates.push(certificate);
        }
    }
    if certificates.is_empty() {
        return Err(refuse("it holds no certificate in PEM".to_owned()));
    }
    Ok(certificates.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_goes_only_where_nobody_listens() {
        for (url, expected) in [
            ("http://127.0.0.1:8787", "http://127.0.0.1:8787"),
            ("http://127.9.9.9/", "http://127.9.9.9"),
            ("http://[::1]:8787", "http://[::1]:8787"),
            ("http://LocalHost:1/", "http://LocalHost:1"),
            ("https://keys.example.com", "https://keys.example.com"),
            ("https://example.com/keys/", "https://example.com/keys"),
        ] {
            assert_eq!(base(url, false).ok().as_deref(), Some(expected));
        }
        for (url, why) in [
            ("http://keys.example.com", "--insecure-http"),
            ("http://localhost.example.com", "--insecure-http"),
            ("http://127.0.0.1.example.com", "--insecure-http"),
            ("http://10.0.0.1:8787", "--insecure-http"),
            ("http://[::2]", "--insecure-http"),
            ("http://me@127.0.0.1", "user name"),
            ("http://127.0.0.1@example.com", "user name"),
            ("ftp://127.0.0.1", "https://"),
            ("https://keys.example.com/?a=b", "path"),
            ("https://keys.example.com/#a", "path"),
            ("keys.example.com", "write an address"),
            ("/v1", "write an address"),
            ("", "write an address"),
        ] {
            let refused = base(url, false).expect_err(url);
            assert!(refused.to_string().contains(why), "{url}: {refused}");
        }
        assert!(base("http://10.0.0.1:8787", true).is_ok());
    }
}
