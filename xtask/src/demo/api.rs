//! The management API as an operator's program uses it.

use anyhow::{Context as _, Result, bail};
use serde_json::Value;
use std::time::Duration;
use ureq::Agent;
use ureq::http::Request;

/// A client that acts with one operator key.
pub(crate) struct Api {
    agent: Agent,
    address: String,
    operator_key: String,
}

impl Api {
    /// A client of the server at an address.
    pub(crate) fn new(address: String, operator_key: String) -> Self {
        Self {
            agent: agent(),
            address,
            operator_key,
        }
    }

    /// The server's address.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// The operator key, for the person who goes on where the walk-through ends.
    pub(crate) fn operator_key(&self) -> &str {
        &self.operator_key
    }

    /// POSTs JSON and reads JSON; anything but success is an error that shows the reply.
    pub(crate) fn post(&self, path: &str, body: &Value) -> Result<Value> {
        match self.ask("POST", path, body)? {
            (status, answer) if (200..300).contains(&status) => Ok(answer),
            (status, answer) => bail!("POST /v1{path} answered {status}: {answer}"),
        }
    }

    /// Sends JSON and reads JSON, whatever the status.
    pub(crate) fn ask(&self, method: &str, path: &str, body: &Value) -> Result<(u16, Value)> {
        let asked = || format!("{method} /v1{path}");
        let request = Request::builder()
            .method(method)
            .uri(format!("{}/v1{path}", self.address))
            .header("authorization", format!("Bearer {}", self.operator_key))
            .header("content-type", "application/json")
            .body(body.to_string())?;
        let mut reply = self.agent.run(request).with_context(asked)?;
        let text = reply.body_mut().read_to_string().with_context(asked)?;
        let answer = serde_json::from_str(&text)
            .with_context(|| format!("{} answered no JSON: {text}", asked()))?;
        Ok((reply.status().as_u16(), answer))
    }

    /// The status that a path of the server answers with.
    pub(crate) fn status(&self, path: &str) -> Result<u16> {
        let reply = self
            .agent
            .get(format!("{}{path}", self.address))
            .call()
            .with_context(|| format!("GET {path}"))?;
        Ok(reply.status().as_u16())
    }
}

/// A client to which every status is an answer, and which waits for none for ever. Each call has a connection of its
/// own: the server is stopped on the way, and a kept connection would fail instead of being refused.
pub(crate) fn agent() -> Agent {
    Agent::config_builder()
        .http_status_as_error(false)
        .max_idle_connections(0)
        .timeout_global(Some(Duration::from_secs(10)))
        .build()
        .into()
}
