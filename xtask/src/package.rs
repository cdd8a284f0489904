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
    Tool::new(context, context.npm_bin().join("esbuild"))
        .arg(entry)
        .args("--bundle --minify --format=esm --target=es2022 --conditions=workerd,worker,browser --loader:.wasm=copy --external:cloudflare:*")
        .arg(format!("--outdir={}", out.display()))
        .run(live)?;
    Ok(())
}

/// Bundles both entries from the packed package and weighs them.
fn sizes() -> Step {
    Step::new("size budgets", |context, live| {
        let dir = context.scratch("sizes");
        let _ = fs::remove_dir_all(&dir);
        fs::create_dir_all(&dir)?;
        install_into(context, live, &dir)?;

        let worker = dir.join("worker.mjs");
        fs::write(&worker, "export { connect } from \"keyward\";\n")?;
        bundle_worker(context, live, &worker, &dir.join("workerd"))?;

        let entry = dir.join("default.mjs");
        fs::write(&entry, "export * from \"keyward\";\n")?;
        Tool::new(context, context.npm_bin().join("esbuild"))
            .arg(&entry)
            .args("--bundle --minify --format=esm --target=es2022 --platform=neutral")
            .arg(format!("--outdir={}", dir.join("default").display()))
            .run(live)?;

        let mut said = Vec::new();
        for (name, budget) in &context.card.budgets {
            let size = weight(&dir.join(name))?;
            if size > *budget {
                bail!(
                    "the {name} bundle has {size} bytes after gzip, its budget in wasm-pack.toml is {budget}"
                );
            }
            said.push(format!("{name} {size} of {budget} bytes"));
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
