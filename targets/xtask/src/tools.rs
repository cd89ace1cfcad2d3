//! Programs of others that the tests drive: found, or installed where that is ours to do.

use std::fs;
use std::process::Command;

use anyhow::{Context as _, bail};
use semver::Version;

use crate::console::Step;
use crate::python;
use crate::workspace::Workspace;

/// The oldest Node that runs the browser package's build and tests.
const NODE: Version = Version::new(20, 0, 0);

/// A program, how to tell that it is there, and who packages it under which name.
#[derive(Debug)]
struct Tool {
    name: &'static str,
    found: fn(&Workspace) -> Option<String>,
    apt: &'static str,
    dnf: &'static str,
    brew: &'static str,
}

const TOOLS: [Tool; 5] = [
    Tool { name: "Chromium", found: |_| chromium(), apt: "chromium", dnf: "chromium", brew: "chromium" },
    Tool {
        name: "QEMU for Arm",
        found: |_| on_path("qemu-system-arm"),
        apt: "qemu-system-arm",
        dnf: "qemu-system-arm",
        brew: "qemu",
    },
    Tool { name: "Node 20 or newer", found: node, apt: "nodejs", dnf: "nodejs", brew: "node" },
    Tool { name: "Python with venv", found: venv, apt: "python3-venv", dnf: "python3", brew: "python" },
    Tool { name: "npm", found: |_| on_path("npm"), apt: "npm", dnf: "nodejs-npm", brew: "node" },
];

/// Finds or installs all of them, and the components of Rust that check code.
pub(crate) fn ensure(workspace: &Workspace, step: &mut Step) -> anyhow::Result<String> {
    ensure_components(workspace, step)?;
    let missing = missing(workspace);
    if !missing.is_empty() {
        install(workspace, &missing, step)?;
    }
    python::ensure(workspace, step)?;
    Ok(names(&TOOLS.iter().collect::<Vec<_>>()))
}

/// Whether this is Debian or something made of it.
pub(crate) fn on_debian() -> bool {
    let release = fs::read_to_string("/etc/os-release").unwrap_or_default();
    let family = |line: &&str| line.starts_with("ID=") || line.starts_with("ID_LIKE=");
    release.lines().filter(family).any(|line| line.contains("debian"))
}

/// The Chromium that the browser tests drive.
pub(crate) fn chromium() -> Option<String> {
    ["chromium", "chromium-browser", "google-chrome"].into_iter().find_map(on_path)
}

fn on_path(name: &str) -> Option<String> {
    which::which(name).ok().map(|path| path.display().to_string())
}

fn node(workspace: &Workspace) -> Option<String> {
    let version = workspace.ask("node", &["--version"]).ok()?;
    let parsed = Version::parse(version.strip_prefix('v')?).ok()?;
    (parsed >= NODE).then_some(version)
}

/// Debian's Python lacks what `venv` fills a new environment with, until that is installed as well.
fn venv(workspace: &Workspace) -> Option<String> {
    workspace.ask("python3", &["-c", "import ensurepip, venv"]).ok()
}

fn missing(workspace: &Workspace) -> Vec<&'static Tool> {
    TOOLS.iter().filter(|tool| (tool.found)(workspace).is_none()).collect()
}

fn names(tools: &[&Tool]) -> String {
    tools.iter().map(|tool| tool.name).collect::<Vec<_>>().join(", ")
}

fn ensure_components(workspace: &Workspace, step: &mut Step) -> anyhow::Result<()> {
    let works =
        |tool| workspace.cargo(&[tool, "--version"]).output().is_ok_and(|output| output.status.success());
    if works("fmt") && works("clippy") {
        return Ok(());
    }
    let mut rustup = workspace.command("rustup");
    rustup.args(["component", "add", "rustfmt", "clippy"]);
    step.run(rustup).context("rustfmt and clippy are missing: `rustup component add rustfmt clippy`")
}

fn install(workspace: &Workspace, tools: &[&Tool], step: &mut Step) -> anyhow::Result<()> {
    let may = on_debian() && workspace.ask("id", &["-u"])? == "0";
    if may {
        step.run(apt_get(workspace, &["update"], &[]))?;
    }
    if on_debian() && tools.iter().any(|tool| tool.apt == "nodejs") {
        check_node_candidate(workspace)?;
    }
    if !may {
        bail!("missing: {}. Run `{}`, then this again", names(tools), install_command(tools));
    }
    let packages: Vec<&str> = tools.iter().map(|tool| tool.apt).collect();
    step.run(apt_get(workspace, &["install", "--yes", "--no-install-recommends"], &packages))?;
    match missing(workspace) {
        still if still.is_empty() => Ok(()),
        still => bail!("apt-get installed {}, yet these are missing: {}", packages.join(" "), names(&still)),
    }
}

fn apt_get(workspace: &Workspace, arguments: &[&str], packages: &[&str]) -> Command {
    let mut apt = workspace.command("apt-get");
    apt.args(arguments).args(packages).env("DEBIAN_FRONTEND", "noninteractive");
    apt
}

/// The one command that installs `tools` on the system this is.
fn install_command(tools: &[&Tool]) -> String {
    let (install, package): (_, fn(&Tool) -> &'static str) = if on_path("dnf").is_some() {
        ("sudo dnf install", |tool| tool.dnf)
    } else if on_path("brew").is_some() {
        ("brew install", |tool| tool.brew)
    } else {
        ("sudo apt-get install --yes", |tool| tool.apt)
    };
    let mut packages: Vec<&str> = tools.iter().map(|tool| package(tool)).collect();
    packages.dedup();
    format!("{install} {}", packages.join(" "))
}

/// Debian 12's own Node is 18, which would install well and then fail late.
fn check_node_candidate(workspace: &Workspace) -> anyhow::Result<()> {
    let policy = workspace.ask("apt-cache", &["policy", "nodejs"])?;
    let candidate =
        policy.lines().find_map(|line| line.trim().strip_prefix("Candidate: ")).unwrap_or("(none)");
    if major(candidate).is_some_and(|major| major >= NODE.major) {
        return Ok(());
    }
    bail!(
        "apt offers nodejs {candidate}, and the browser tests need {} or newer: install Node from nodejs.org \
         (or use Debian 13, whose own is new enough), then run this again",
        NODE.major
    )
}

/// The first number of a Debian version, behind its epoch.
fn major(version: &str) -> Option<u64> {
    let upstream = version.rsplit(':').next()?;
    upstream.split(|letter: char| !letter.is_ascii_digit()).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::major;

    #[test]
    fn the_major_version_is_found_behind_an_epoch() {
        assert_eq!(major("18.20.4+dfsg-1~deb12u3"), Some(18));
        assert_eq!(major("1:20.19.2-1"), Some(20));
        assert_eq!(major("(none)"), None);
    }
}
