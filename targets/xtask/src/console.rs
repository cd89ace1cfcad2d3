//! What a person sees while it works: one line a step, all of it in a log, and the log of what
//! failed.

use core::iter;
use core::time::Duration;
use std::fs::{self, File};
use std::io::{self, BufRead as _, BufReader, IsTerminal as _, Write as _};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::time::Instant;

use anyhow::{Context as _, bail};
use cargo_metadata::camino::{Utf8Path, Utf8PathBuf};
use indicatif::{ProgressBar, ProgressStyle};

use crate::workspace::Workspace;

/// What a test prints when it lacks its data (`../shared/data`), so that the summary repeats it.
const NOT_RUN: &str = "not run on";

/// Lines of a failed program's output that its error repeats.
const SHOWN_LINES: usize = 100;
/// Names of steps take this much of the line.
const COLUMN: usize = 12;

/// How much a person sees.
#[derive(Clone, Debug)]
enum View {
    /// A terminal: one line that moves while a step works.
    Lively(ProgressBar),
    /// A pipe or a file: one line a step, begun before its work.
    Plain,
    /// Everything, as it comes: where a log is all that is left of a run.
    Whole,
}

/// Runs steps and tells of them.
#[derive(Debug)]
pub(crate) struct Console {
    logs: Utf8PathBuf,
    whole: bool,
}

/// What became of a step.
#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) took: Duration,
    /// What it has to say for itself, in a few words.
    pub(crate) summary: String,
    /// Lines in which its tests said that they did not run.
    pub(crate) not_run: Vec<String>,
}

/// A step at work.
#[derive(Debug)]
pub(crate) struct Step {
    log: File,
    path: Utf8PathBuf,
    name: String,
    view: View,
    not_run: Vec<String>,
}

impl Console {
    /// Logs go to `xtask/` in the target directory.
    pub(crate) fn new(workspace: &Workspace, verbose: bool) -> anyhow::Result<Self> {
        let logs = workspace.target.join("xtask");
        fs::create_dir_all(&logs).with_context(|| format!("cannot make the folder {logs}"))?;
        let ci = std::env::var_os("CI").is_some_and(|value| !value.is_empty());
        Ok(Self { logs, whole: verbose || ci })
    }

    /// Does `work` as the step `name`: one line on the terminal, whatever it prints in a log.
    pub(crate) fn step(
        &mut self,
        name: &str,
        work: impl FnOnce(&mut Step) -> anyhow::Result<String>,
    ) -> anyhow::Result<Report> {
        let started = Instant::now();
        let mut step = Step::start(name, &self.logs, View::new(self.whole))?;
        let result = work(&mut step);
        let took = started.elapsed();
        step.view.end(name, took, result.as_deref().unwrap_or("failed"));
        let summary = result.with_context(|| format!("step `{name}` failed"))?;
        Ok(Report { took, summary, not_run: step.not_run })
    }
}

impl View {
    fn new(whole: bool) -> Self {
        match (whole, io::stdout().is_terminal()) {
            (true, _) => Self::Whole,
            (false, true) => Self::Lively(spinner()),
            (false, false) => Self::Plain,
        }
    }

    fn start(&self, name: &str) -> io::Result<()> {
        match self {
            Self::Lively(line) => line.set_message(name.to_owned()),
            Self::Whole => println!("{name}"),
            Self::Plain => print!("{name:<COLUMN$}"),
        }
        io::stdout().flush()
    }

    fn end(&self, name: &str, took: Duration, said: &str) {
        let rest = format!("{:>8}  {said}", seconds(took));
        match self {
            Self::Lively(line) => {
                line.finish_and_clear();
                println!("{name:<COLUMN$}{rest}");
            }
            Self::Whole => println!("{name:<COLUMN$}{rest}"),
            Self::Plain => println!("{rest}"),
        }
    }
}

impl Step {
    fn start(name: &str, logs: &Utf8Path, view: View) -> anyhow::Result<Self> {
        let path = logs.join(format!("{name}.log"));
        let log = File::create(&path).with_context(|| format!("cannot write {path}"))?;
        view.start(name)?;
        Ok(Self { log, path, name: name.to_owned(), view, not_run: Vec::new() })
    }

    /// Says what it is doing right now, where a line can change.
    pub(crate) fn show(&self, doing: &str) {
        if let View::Lively(line) = &self.view {
            line.set_message(format!("{:<COLUMN$}{doing}", self.name));
        }
    }

    /// Runs a program to its end; its output is the error where it fails.
    pub(crate) fn run(&mut self, command: Command) -> anyhow::Result<()> {
        self.capture(command).map(drop)
    }

    /// The same, and gives back what it printed (both streams, in order).
    pub(crate) fn capture(&mut self, command: Command) -> anyhow::Result<String> {
        let line = command_line(&command);
        writeln!(self.log, "$ {line}")?;
        let (output, status) = self.follow(command).with_context(|| format!("cannot run `{line}`"))?;
        if status.success() {
            return Ok(output);
        }
        bail!("`{line}` ended with {status}\n\n{}\n\nall of its output: {}", self.shown(&output), self.path)
    }

    /// The end of the output, where programs say what went wrong; nothing where it was shown.
    fn shown<'o>(&self, output: &'o str) -> &'o str {
        if matches!(self.view, View::Whole) {
            return "(see above)";
        }
        let output = output.trim_end();
        let cut = output.rmatch_indices('\n').nth(SHOWN_LINES).map_or(0, |(at, _)| at + 1);
        &output[cut..]
    }

    fn follow(&mut self, mut command: Command) -> io::Result<(String, ExitStatus)> {
        let (reader, writer) = io::pipe()?;
        let mut child = command.stdin(Stdio::null()).stdout(writer.try_clone()?).stderr(writer).spawn()?;
        // The command holds the writing end; the reader would wait for it for ever.
        drop(command);
        let mut output = String::new();
        for line in BufReader::new(reader).split(b'\n') {
            let line = line?;
            self.take_line(String::from_utf8_lossy(&line).trim_end(), &mut output)?;
        }
        Ok((output, child.wait()?))
    }

    fn take_line(&mut self, line: &str, output: &mut String) -> io::Result<()> {
        writeln!(self.log, "{line}")?;
        if matches!(self.view, View::Whole) {
            println!("{line}");
        }
        if line.contains(NOT_RUN) {
            self.not_run.push(line.trim().to_owned());
        }
        self.show(line.trim());
        output.push_str(line);
        output.push('\n');
        Ok(())
    }
}

fn spinner() -> ProgressBar {
    let bar = ProgressBar::new_spinner();
    let style = ProgressStyle::with_template("{wide_msg} {elapsed}")
        .unwrap_or_else(|_| ProgressStyle::default_spinner());
    bar.set_style(style);
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

/// How long something took, as people read it.
pub(crate) fn seconds(took: Duration) -> String {
    if took < Duration::from_secs(60) {
        format!("{:.1} s", took.as_secs_f64())
    } else {
        format!("{} min {:02} s", took.as_secs() / 60, took.as_secs() % 60)
    }
}

/// The command as a person would type it.
fn command_line(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let words = iter::once(program.file_name().unwrap_or_default()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}
