//! A server behind a proxy that ends TLS: which certificates the command line takes, and what it says of others.
//!
//! The certificates in `tls/` are of an authority whose key is thrown away; they hold for `localhost`, for a hundred
//! years.

use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::Arc;
use std::time::Duration;

use crate::program::directory::Directory;
use crate::program::{Program, keyward};
use crate::text;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/cli/tls")
        .join(name)
}

/// Ends TLS in front of the server at `to`; the port.
fn proxy(to: String) -> u16 {
    let certificate = CertificateDer::from_pem_file(file("server.pem")).expect("a certificate");
    let key = PrivateKeyDer::from_pem_file(file("server.key")).expect("a key");
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key);
    let config = Arc::new(config.expect("they belong together"));
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("bound").port();
    // Ends with the process.
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let (config, to) = (Arc::clone(&config), to.clone());
            std::thread::spawn(move || pass_on(config, stream, &to));
        }
    });
    port
}

/// Hands over what comes, in both directions, until somebody has enough.
fn pass_on(config: Arc<ServerConfig>, client: TcpStream, to: &str) {
    let server = TcpStream::connect(to).expect("the server");
    let turn = Some(Duration::from_millis(5));
    client.set_read_timeout(turn).expect("a timeout");
    server.set_read_timeout(turn).expect("a timeout");
    let connection = ServerConnection::new(config).expect("a connection");
    let mut client = StreamOwned::new(connection, client);
    let mut server = server;
    while hand_over(&mut client, &mut server) && hand_over(&mut server, &mut client) {}
}

/// Whether there may be more.
fn hand_over(from: &mut impl Read, to: &mut impl Write) -> bool {
    let mut bytes = [0; 4096];
    match from.read(&mut bytes) {
        Ok(0) => false,
        Ok(count) => to.write_all(&bytes[..count]).is_ok() && to.flush().is_ok(),
        Err(error) => matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut),
    }
}

#[test]
fn a_certificate_is_taken_from_a_trusted_authority_and_for_its_own_name_alone() {
    let place = Directory::new();
    let data = place.path().join("data");
    let program = Program::serve(&data, &place.path().join("log"));
    let port = proxy(program.url.trim_start_matches("http://").to_owned());
    let ask = |host: &str, authority: Option<&str>| -> Output {
        let url = format!("https://{host}:{port}");
        let mut command = keyward(&["keyspace", "list", "--url", &url, "--operator-key-file"]);
        command.arg(data.join("operator.key"));
        if let Some(authority) = authority {
            command.arg("--ca-file").arg(file(authority));
        }
        command.output().expect("the program runs")
    };
    let trusted = ask("localhost", Some("authority.pem"));
    assert!(trusted.status.success(), "{}", text(&trusted.stderr));
    assert_eq!(text(&trusted.stderr), "no keyspaces\n");

    let by_variable = {
        let url = format!("https://localhost:{port}");
        let mut command = keyward(&["keyspace", "list", "--url", &url, "--operator-key-file"]);
        command.arg(data.join("operator.key"));
        command.env("KEYWARD_CA_FILE", file("authority.pem"));
        command.output().expect("the program runs")
    };
    assert!(
        by_variable.status.success(),
        "{}",
        text(&by_variable.stderr)
    );

    for (host, authority) in [
        ("localhost", None),
        ("localhost", Some("another.pem")),
        ("127.0.0.1", Some("authority.pem")),
    ] {
        let refused = ask(host, authority);
        let said = text(&refused.stderr);
        assert_eq!(
            refused.status.code(),
            Some(6),
            "{host} {authority:?}: {said}"
        );
        assert_eq!(text(&refused.stdout), "");
        assert!(said.contains("certificate"), "{host} {authority:?}: {said}");
    }
    let no_certificate = ask("localhost", Some("server.key"));
    assert_eq!(no_certificate.status.code(), Some(2));
    let said = text(&no_certificate.stderr);
    assert!(said.contains("it holds no certificate in PEM"), "{said}");
}
