//! `cargo xtask package`: what would be published, held against the size budgets of the build card.

use crate::build;
use crate::context::Context;
use crate::fingerprint::Fingerprint;
use crate::plan::{self, Done, Live, Step};
use crate::setup;
use crate::tool::Tool;
use anyhow::{Context as _, Result, bail};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// `cargo xtask package`.
pub(crate) fn run(context: &Context) -> Result<()> {
    let mut steps = setup::steps();
    steps.extend(build::package_and_pages());
    steps.push(tarball());
    steps.push(sizes());
    steps.push(crate_files());
    plan::run(context, steps)?;
    println!("{}", tarball_path(context)?.display());
    Ok(())
}

/// Packs `pkg` into `target/xtask/package`.
pub(crate) fn tarball() -> Step {
    Step::new("npm tarball", |context, live| {
        let dir = context.scratch("package");
        let _ = fs::remove_dir_all(&dir);
        fs::create_dir_all(&dir).with_context(|| format!("cannot make {}", dir.display()))?;
        Tool::new(context, "npm")
            .args("pack --workspace pkg --pack-destination")
            .arg(&dir)
            .run(live)?;
        let size = fs::metadata(tarball_path(context)?)?.len();
        Ok(Done::Said(format!("{} kB", size / 1000)))
    })
    .when_changed(|context| Fingerprint::of(&context.root).files(&["pkg", "pkg/dist", "LICENSE"]))
    .making(&["target/xtask/package"])
}

/// The packed package.
pub(crate) fn tarball_path(context: &Context) -> Result<PathBuf> {
    let dir = context.scratch("package");
    fs::read_dir(&dir)
        .with_context(|| format!("cannot list {}", dir.display()))?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .find(|path| path.extension().is_some_and(|extension| extension == "tgz"))
        .with_context(|| format!("no tarball in {}", dir.display()))
}

/// Unpacks the tarball as an installed package below a project's directory.
pub(crate) fn install_into(context: &Context, live: &Live, project: &Path) -> Result<()> {
    let home = project.join("node_modules/keyward");
    let _ = fs::remove_dir_all(&home);
    fs::create_dir_all(&home).with_context(|| format!("cannot make {}", home.display()))?;
    Tool::new(context, "tar")
        .args("--extract --strip-components=1 --file")
        .arg(tarball_path(context)?)
        .args("--directory")
        .arg(&home)
        .run(live)?;
    Ok(())
}

/// Bundles a Worker of the packed package as a deployment tool would, and returns its files: the script and the module.
pub(crate) fn bundle_worker(
    context: &Context,
    live: &Live,
    entry: &Path,
    out: &Path,
) -> Result<()> {
    bundle(context, live, entry, out, "workerd,worker,browser")
}

/// A script and what it imports as one file; a module that it imports lies beside it.
fn bundle(
    context: &Context,
    live: &Live,
    entry: &Path,
    out: &Path,
    conditions: &str,
) -> Result<()> {
    Tool::new(context, context.npm_bin().join("esbuild"))
        .arg(entry)
        .args("--bundle --minify --format=esm --target=es2022 --platform=neutral --loader:.wasm=copy --external:cloudflare:*")
        .arg(format!("--conditions={conditions}"))
        .arg(format!("--outdir={}", out.display()))
        .run(live)?;
    Ok(())
}

/// A project's whole script by entry of the package, and the condition under which its host resolves it.
const ENTRIES: [(&str, &str, &str); 7] = [
    ("default", "default", "export * from \"keyward\";\n"),
    (
        "workerd",
        "workerd,worker,browser",
        "export { connect } from \"keyward\";\n",
    ),
    (
        "edge-light",
        "edge-light",
        "export { connect } from \"keyward\";\n",
    ),
    (
        "slim",
        "default",
        "export { connect, init } from \"keyward/slim\";\nexport { default } from \"keyward/keyward.wasm\";\n",
    ),
    ("hono", "default", "export * from \"keyward/hono\";\n"),
    (
        "cloudflare",
        "default",
        "export * from \"keyward/cloudflare\";\n",
    ),
    ("admin", "default", "export * from \"keyward/admin\";\n"),
];

/// Bundles every entry from the packed package, weighs it, and holds it against its budget where it has one.
fn sizes() -> Step {
    Step::new("size budgets", |context, live| {
        let dir = context.scratch("sizes");
        let _ = fs::remove_dir_all(&dir);
        fs::create_dir_all(&dir)?;
        install_into(context, live, &dir)?;

        let mut said = Vec::new();
        for (name, conditions, script) in ENTRIES {
            let entry = dir.join(format!("{name}.mjs"));
            fs::write(&entry, script)?;
            bundle(context, live, &entry, &dir.join(name), conditions)?;
            let size = weight(&dir.join(name))?;
            let Some(budget) = context.card.budgets.get(name) else {
                said.push(format!("{name} {size} bytes"));
                continue;
            };
            if size > *budget {
                bail!(
                    "the {name} bundle has {size} bytes after gzip, its budget in wasm-pack.toml is {budget}"
                );
            }
            said.push(format!("{name} {size} of {budget} bytes"));
        }
        if let Some(unknown) = context
            .card
            .budgets
            .keys()
            .find(|budget| ENTRIES.iter().all(|(name, ..)| name != budget))
        {
            bail!("wasm-pack.toml has a budget for {unknown}, which is no entry");
        }
        Ok(Done::Said(said.join(", ")))
    })
}

/// The files that `cargo publish` would send.
fn crate_files() -> Step {
    Step::new("crate", |context, live| {
        let files = Tool::new(context, "cargo")
            .args("package --list --allow-dirty --package keyward")
            .run(live)?;
        Ok(Done::Said(format!("{} files", files.lines().count())))
    })
}

/// All files of a directory, each after gzip.
fn weight(dir: &Path) -> Result<usize> {
    let mut total = 0;
    for entry in fs::read_dir(dir).with_context(|| format!("cannot list {}", dir.display()))? {
        let bytes = fs::read(entry?.path())?;
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(&bytes)?;
        total += encoder.finish()?.len();
    }
    Ok(total)
}
