//! Standard libraries where rustup cannot reach its server: Debian's package `rust-src` has the
//! source of each recent release, and the compiler that is here builds it.
//!
//! Nothing of the system changes but the sysroot, which gains the libraries: apt works on a source
//! list, lists and a cache of its own in a temporary folder.

use std::fs;
use std::process::Command;

use anyhow::{Context as _, bail};
use cargo_metadata::camino::{Utf8Path, Utf8PathBuf};
use tempfile::TempDir;

use super::Toolchain;
use crate::console::Step;
use crate::workspace::{DEVICE, Workspace};

/// The suite that has `rust-src` of several releases at a time.
const SUITE: &str = "trixie-backports";
/// Debian's keys, where every Debian has them.
const KEYS: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";
/// The bitcode is for plugins' link-time optimization; the mark keeps the standard library's
/// private dependencies from being named by others.
const FLAGS: &str = "-Cembed-bitcode=yes -Zforce-unstable-if-unmarked";
/// The crate whose dependencies we are after.
const EMPTY_MANIFEST: &str =
    "[package]\nname = \"empty\"\nedition = \"2024\"\n[lib]\npath = \"lib.rs\"\n[workspace]\n";

/// An apt of its own: it reads the machine's configuration (proxies, say) and keys, and writes
/// nothing outside its folder.
#[derive(Debug)]
struct Apt {
    folder: Utf8PathBuf,
}

/// Builds the standard libraries of `targets` and puts them into the sysroot.
pub(super) fn build_targets(
    workspace: &Workspace,
    toolchain: &Toolchain,
    targets: &[&str],
    step: &mut Step,
) -> anyhow::Result<()> {
    let scratch = TempDir::new().context("cannot make a temporary folder")?;
    let scratch = Utf8Path::from_path(scratch.path()).context("the temporary folder's name is not UTF-8")?;
    let link = toolchain.sysroot.join("lib/rustlib/src/rust");
    let linked = !link.join("library").exists();
    if linked {
        let source = fetch_source(workspace, &toolchain.release, scratch, step)?;
        link_source(&source, &link, step)?;
    }
    let built =
        targets.iter().try_for_each(|target| build_target(workspace, toolchain, target, scratch, step));
    if linked {
        fs::remove_file(&link).with_context(|| format!("cannot remove the link {link}"))?;
    }
    built
}

/// Downloads and unpacks `rust-src` of this release; returns the folder that holds `library/`.
fn fetch_source(
    workspace: &Workspace,
    release: &str,
    scratch: &Utf8Path,
    step: &mut Step,
) -> anyhow::Result<Utf8PathBuf> {
    let apt = Apt::new(&mirror(workspace, step)?, scratch.join("apt"))?;
    step.run(apt.command("apt-get", &["update"]))?;
    let offered = step.capture(apt.command("apt-cache", &["madison", "rust-src"]))?;
    let version = version(&offered, release)?;
    step.run(apt.command("apt-get", &["download", &format!("rust-src={version}")]))?;
    let unpacked = scratch.join("source");
    step.run(dpkg_unpack(&apt.package()?, &unpacked))?;
    Ok(unpacked.join("usr/lib/rustlib/src/rust"))
}

/// The Debian mirror that this machine is configured to use.
fn mirror(workspace: &Workspace, step: &mut Step) -> anyhow::Result<String> {
    if let Some(mirror) = configured_mirror(workspace)? {
        return Ok(mirror);
    }
    // A fresh image has no lists yet, and without them apt does not know whose a mirror is.
    step.run({
        let mut update = workspace.command("apt-get");
        update.arg("update");
        update
    })?;
    configured_mirror(workspace)?.context("apt has no Debian archive among its sources")
}

fn configured_mirror(workspace: &Workspace) -> anyhow::Result<Option<String>> {
    let fields = "$(ORIGIN) $(LABEL) $(REPO_URI)";
    let listed = workspace.ask("apt-get", &["indextargets", "--format", fields, "Created-By: Packages"])?;
    Ok(listed.lines().find_map(|line| line.strip_prefix("Debian Debian ")).map(str::to_owned))
}

/// The version of exactly this release among the rows of `apt-cache madison`.
fn version(offered: &str, release: &str) -> anyhow::Result<String> {
    let versions: Vec<&str> =
        offered.lines().filter_map(|row| row.split('|').nth(1)).map(str::trim).collect();
    match versions.iter().find(|version| version.split('+').next() == Some(release)) {
        Some(version) => Ok((*version).to_owned()),
        None => {
            bail!("{SUITE} has rust-src {}, and rustc is {release}: use one of these", versions.join(", "))
        }
    }
}

/// Links the source to where cargo looks for it.
fn link_source(source: &Utf8Path, link: &Utf8Path, step: &mut Step) -> anyhow::Result<()> {
    if let Some(folder) = link.parent() {
        fs::create_dir_all(folder).with_context(|| format!("cannot make the folder {folder}"))?;
    }
    let mut ln = Command::new("ln");
    ln.args(["--symbolic", "--no-target-directory", "--force"]).args([source, link]);
    step.run(ln)
}

fn dpkg_unpack(package: &Utf8Path, into: &Utf8Path) -> Command {
    let mut dpkg = Command::new("dpkg-deb");
    dpkg.arg("--extract").args([package, into]);
    dpkg
}

/// Builds an empty crate with its standard library, and keeps the library.
fn build_target(
    workspace: &Workspace,
    toolchain: &Toolchain,
    target: &str,
    scratch: &Utf8Path,
    step: &mut Step,
) -> anyhow::Result<()> {
    let empty = scratch.join("empty");
    fs::create_dir_all(&empty)?;
    fs::write(empty.join("Cargo.toml"), EMPTY_MANIFEST)?;
    fs::write(empty.join("lib.rs"), "#![no_std]\n")?;
    let parts = if target == DEVICE { "core,alloc" } else { "std,panic_abort" };
    let built = scratch.join("target");
    let mut cargo =
        workspace.cargo(&["build", "--release", "--target", target, &format!("-Zbuild-std={parts}")]);
    cargo.args(["--target-dir", built.as_str()]).current_dir(&empty);
    cargo.env("RUSTC_BOOTSTRAP", "1").env("RUSTFLAGS", FLAGS).env_remove("CARGO_ENCODED_RUSTFLAGS");
    step.run(cargo)?;
    install(&built.join(target).join("release/deps"), &toolchain.libraries(target))
}

/// Copies the libraries into the sysroot, `core` last: it is what tells that a target is there.
fn install(built: &Utf8Path, libraries: &Utf8Path) -> anyhow::Result<()> {
    fs::create_dir_all(libraries).with_context(|| format!("cannot make the folder {libraries}"))?;
    let mut names: Vec<String> = Vec::new();
    for entry in built.read_dir_utf8()? {
        names.push(entry?.file_name().to_owned());
    }
    names.retain(|name| name.ends_with(".rlib") && !name.starts_with("libempty-"));
    names.sort_by_key(|name| name.starts_with("libcore-"));
    for name in names {
        fs::copy(built.join(&name), libraries.join(&name))
            .with_context(|| format!("cannot write {libraries}"))?;
    }
    Ok(())
}

impl Apt {
    fn new(mirror: &str, folder: Utf8PathBuf) -> anyhow::Result<Self> {
        for part in ["lists/partial", "cache/archives/partial"] {
            fs::create_dir_all(folder.join(part)).with_context(|| format!("cannot make {folder}/{part}"))?;
        }
        let signed =
            if Utf8Path::new(KEYS).exists() { format!("Signed-By: {KEYS}\n") } else { String::new() };
        let source = format!("Types: deb\nURIs: {mirror}\nSuites: {SUITE}\nComponents: main\n{signed}");
        fs::write(folder.join("only.sources"), source)?;
        Ok(Self { folder })
    }

    fn command(&self, program: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        let settings = [
            format!("Dir::Etc::SourceList={}/only.sources", self.folder),
            "Dir::Etc::SourceParts=-".to_owned(),
            format!("Dir::State::Lists={}/lists", self.folder),
            format!("Dir::Cache={}/cache", self.folder),
            // The folder belongs to whoever runs this, which apt's own user may not enter.
            "APT::Sandbox::User=root".to_owned(),
        ];
        for setting in settings {
            command.args(["--option", &setting]);
        }
        command.args(arguments).current_dir(&self.folder);
        command
    }

    /// The package file that `apt-get download` left in the folder.
    fn package(&self) -> anyhow::Result<Utf8PathBuf> {
        let mut files = self.folder.read_dir_utf8()?.flatten().map(|entry| entry.into_path());
        files.find(|path| path.extension() == Some("deb")).context("apt-get downloaded no package")
    }
}

#[cfg(test)]
mod tests {
    use super::version;

    const OFFERED: &str = "  rust-src | 1.96.1+dfsg1-2~bpo13+1 | http://mirror trixie-backports/main\n  \
                           rust-src | 1.95.0+dfsg1-2~bpo13+1 | http://mirror trixie-backports/main\n";

    #[test]
    fn only_the_source_of_this_very_release_will_do() {
        assert_eq!(version(OFFERED, "1.95.0").unwrap(), "1.95.0+dfsg1-2~bpo13+1");
        let refused = version(OFFERED, "1.95").unwrap_err().to_string();
        assert!(refused.contains("1.96.1+dfsg1-2~bpo13+1, 1.95.0"), "{refused}");
    }
}
