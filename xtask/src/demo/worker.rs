//! `examples/cloudflare-worker`, bundled from the packed package and run in workerd.

use crate::context::Context;
use crate::demo::api;
use crate::package;
use crate::plan::Live;
use crate::process::Service;
use crate::test;
use anyhow::{Context as _, Result};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value;
use std::process::Command;
use ureq::{Agent, http::Request};

/// The Worker, and a caller of it.
pub(crate) struct Worker {
    service: Service,
    address: String,
    agent: Agent,
}

impl Worker {
    /// Bundles it as a deployment would, and starts it with its variables.
    pub(crate) fn start(context: &Context, live: &Live, variables: &Value) -> Result<Self> {
        let project = context.scratch("worker");
        test::copy_example(&context.root.join("examples/cloudflare-worker"), &project)?;
        package::install_into(context, live, &project)?;
        let bundle = project.join("bundle");
        package::bundle_worker(context, live, &project.join("src/index.ts"), &bundle)?;
        let (service, address) = Service::start(
            "Worker",
            Command::new("node")
                .current_dir(&context.root)
                .arg("xtask/worker.mjs")
                .arg(&bundle)
                .arg(variables.to_string()),
        )?;
        Ok(Self {
            service,
            address,
            agent: api::agent(),
        })
    }

    /// The Worker's address.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// The status with which it answers a call that carries a key by HTTP Basic.
    pub(crate) fn call(&self, method: &str, path: &str, key: &str) -> Result<u16> {
        let credential = BASE64_STANDARD.encode(format!("anything:{key}"));
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.address))
            .header("authorization", format!("Basic {credential}"))
            .body(())?;
        let reply = self
            .agent
            .run(request)
            .with_context(|| format!("{method} {path} at the Worker:\n{}", self.service.said()))?;
        Ok(reply.status().as_u16())
    }

    /// Ends it.
    pub(crate) fn stop(self) -> Result<()> {
        self.service.stop()
    }
}
