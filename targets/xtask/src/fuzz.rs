//! `cargo xtask fuzz`: libFuzzer on every target of `tests/fuzz`, each for some seconds.
//!
//! The coverage counters are a pass of LLVM's that stable Rust can ask for, so neither a nightly nor
//! `cargo fuzz` is needed; there is no unsafe code of ours for a sanitizer to look at. What a run
//! learns stays in the target directory for the next one.

use std::fs;
use std::process::Command;

use anyhow::{Context as _, bail};
use cargo_metadata::camino::Utf8PathBuf;

use crate::console::{Console, Step};
use crate::workspace::Workspace;

/// What knows the targets and their seeds.
const PACKAGE: &str = "activemirror-fuzz";

/// What `cargo fuzz` gives rustc, but the sanitizer.
const COVERAGE: &str = "-Cpasses=sancov-module \
    -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
    -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares \
    --cfg fuzzing";

/// Memory that a target may take before that is a finding: what limits allow, and some room.
const MEMORY_MIB: u32 = 2048;
/// One input may take so long before that is a finding.
const INPUT_SECONDS: u32 = 20;

/// What to fuzz, and how long.
#[derive(Debug)]
pub(crate) struct Fuzzing {
    /// Seconds for each target.
    pub(crate) seconds: u32,
    /// Only these targets; all where there are none.
    pub(crate) targets: Vec<String>,
}

/// Where the driver is built and what it learns is kept.
struct Place {
    driver: Utf8PathBuf,
    findings: Utf8PathBuf,
    folder: Utf8PathBuf,
    host: String,
}

/// Fuzzes.
pub(crate) fn run(workspace: &Workspace, console: &mut Console, fuzzing: &Fuzzing) -> anyhow::Result<()> {
    let place = Place::of(workspace)?;
    let mut known = Vec::new();
    console.step("seeds", |step| {
        known = place.write_seeds(workspace, step)?;
        Ok(format!("{} targets", known.len()))
    })?;
    if let Some(unknown) = fuzzing.targets.iter().find(|target| !known.contains(target)) {
        bail!("there is no target {unknown}; there are {}", known.join(", "));
    }
    console.step("driver", |step| place.build(workspace, step))?;
    let wanted = if fuzzing.targets.is_empty() { &known } else { &fuzzing.targets };
    for target in wanted {
        console.step(target, |step| place.fuzz(workspace, step, target, fuzzing.seconds))?;
    }
    Ok(())
}

impl Place {
    fn of(workspace: &Workspace) -> anyhow::Result<Self> {
        let package = workspace.package(PACKAGE).context("the workspace has no fuzz targets")?;
        let home = workspace.root.join(&package.folder);
        let verbose = workspace.ask("rustc", &["--version", "--verbose"])?;
        let host = verbose.lines().find_map(|line| line.strip_prefix("host: "));
        Ok(Self {
            driver: home.join("driver"),
            findings: home.join("findings"),
            folder: workspace.target.join("fuzz"),
            host: host.context("rustc does not say its host")?.to_owned(),
        })
    }

    fn write_seeds(&self, workspace: &Workspace, step: &mut Step) -> anyhow::Result<Vec<String>> {
        let seeds = self.folder.join("seeds");
        step.run(workspace.cargo(&["build", "--release", "--package", PACKAGE]))?;
        let program = workspace.target.join("release").join(PACKAGE);
        let names = workspace.ask(program.as_str(), &[seeds.as_str()])?;
        Ok(names.lines().map(str::to_owned).collect())
    }

    fn build(&self, workspace: &Workspace, step: &mut Step) -> anyhow::Result<String> {
        // With a target named, the flags are for the driver alone and not for what builds it.
        let mut cargo = workspace.cargo(&["build", "--release", "--bins", "--target", &self.host]);
        cargo.current_dir(&self.driver);
        cargo.env("CARGO_TARGET_DIR", &self.folder).env("RUSTFLAGS", COVERAGE);
        step.run(cargo)?;
        Ok("with coverage counters".to_owned())
    }

    fn fuzz(
        &self,
        workspace: &Workspace,
        step: &mut Step,
        target: &str,
        seconds: u32,
    ) -> anyhow::Result<String> {
        let (learnt, broken) =
            (self.folder.join("learnt").join(target), self.folder.join("broken").join(target));
        for folder in [&learnt, &broken] {
            fs::create_dir_all(folder).with_context(|| format!("cannot make the folder {folder}"))?;
        }
        let folders = [learnt, self.folder.join("seeds").join(target), self.findings.join(target)];
        let mut command: Command =
            workspace.command(self.folder.join(&self.host).join("release").join(target));
        command.args(folders.iter().filter(|folder| folder.exists()));
        command.arg(format!("-max_total_time={seconds}")).arg(format!("-artifact_prefix={broken}/"));
        command.arg(format!("-rss_limit_mb={MEMORY_MIB}")).arg(format!("-timeout={INPUT_SECONDS}"));
        command.arg("-print_final_stats=1");
        let output = step.capture(command).with_context(|| {
            format!("{target} broke; add the input from {broken} to {}/{target}", self.findings)
        })?;
        Ok(summary(&output))
    }
}

/// How much was tried and covered, from libFuzzer's words.
fn summary(output: &str) -> String {
    let runs = output.lines().find_map(|line| line.strip_prefix("stat::number_of_executed_units:"));
    let covered = output.lines().rev().find_map(|line| {
        let mut words = line.split_whitespace().skip_while(|word| *word != "cov:");
        words.nth(1)
    });
    format!("{} inputs, {} places covered", runs.map_or("0", str::trim), covered.unwrap_or("0"))
}

#[cfg(test)]
mod tests {
    use super::summary;

    #[test]
    fn libfuzzer_says_what_it_did() {
        let output = "#2\tINITED cov: 41 ft: 60\n#9\tDONE   cov: 57 ft: 90 corp: 3/9b\n\
                      stat::number_of_executed_units: 913\n";
        assert_eq!(summary(output), "913 inputs, 57 places covered");
        assert_eq!(summary(""), "0 inputs, 0 places covered");
    }
}
