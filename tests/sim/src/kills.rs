//! What a process that writes until it is killed says it has stored, and what is made of that.
//!
//! Lines: `open`; `kept TRACE COUNT`, so many of its events are durable; `erasing TRACE`, whose
//! person is about to be erased, and `erased TRACE`.

use std::collections::BTreeMap;

use activemirror::{Error, Limits, Options, Readable, Reveal, Runtime, Scope};
use anyhow::{Context, bail, ensure};

/// The text of a trace's event: whoever knows the trace knows what it says.
#[must_use]
pub fn text(trace: &str, event: usize) -> String {
    format!("{trace}, event {event} {}", "and so on ".repeat(event * 7 % 40))
}

/// Opens the runtime of this folder. Small blocks are merged soon: a process is killed before there are
/// many.
pub fn open(folder: &std::path::Path) -> Result<Runtime, Error> {
    let (data, key_file) = (folder.join("data"), folder.join("device.key"));
    let limits = Limits { merge_after: Some(8), ..Limits::default() };
    Runtime::open(Options { data, key_file, limits, ..Options::default() })
}

/// What is known of a trace.
#[derive(Clone, Copy, Debug, Default)]
struct Kept {
    events: usize,
    erasing: bool,
    erased: bool,
}

/// Everything that was ever acknowledged.
#[derive(Debug, Default)]
pub struct Acknowledged(BTreeMap<String, Kept>);

impl Acknowledged {
    /// How many traces there are, and how many events.
    #[must_use]
    pub fn count(&self) -> (usize, usize) {
        (self.0.len(), self.0.values().map(|kept| kept.events).sum())
    }

    /// Takes what a process said. A last line that was cut off says nothing. Returns the traces.
    pub fn take(&mut self, said: &str) -> anyhow::Result<Vec<String>> {
        let mut traces = Vec::new();
        for line in said.split_inclusive('\n').filter_map(|line| line.strip_suffix('\n')) {
            let words: Vec<&str> = line.split(' ').collect();
            let (trace, change): (&str, fn(&mut Kept)) = match words[..] {
                ["open"] => continue,
                ["kept", trace, count] => {
                    let kept = self.0.entry(trace.to_owned()).or_default();
                    kept.events = kept.events.max(count.parse()?);
                    (trace, |_| ())
                }
                ["erasing", trace] => (trace, |kept| kept.erasing = true),
                ["erased", trace] => (trace, |kept| kept.erased = true),
                _ => bail!("it said `{line}`"),
            };
            change(self.0.entry(trace.to_owned()).or_default());
            traces.push(trace.to_owned());
        }
        traces.dedup();
        Ok(traces)
    }

    /// Opens the store and checks the traces that `which` names; all of its log, too.
    pub fn check(&self, folder: &std::path::Path, which: impl Fn(usize, &str) -> bool) -> anyhow::Result<()> {
        let runtime = open(folder).context("it does not open")?;
        let report = runtime.verify(Scope::Everything, || ())?;
        if let Some((_, fault)) = report.fault() {
            bail!("verify: {fault}");
        }
        let some = self.0.iter().enumerate().filter(|(place, (trace, _))| which(*place, trace));
        some.map(|(_, trace)| trace).try_for_each(|(trace, kept)| one(&runtime, trace, *kept))
    }
}

fn one(runtime: &Runtime, id: &str, kept: Kept) -> anyhow::Result<()> {
    let trace = runtime.read(id, Reveal::Masked, "check").with_context(|| id.to_owned())?;
    let (here, due) = (trace.events.len(), kept.events);
    ensure!(here >= due, "{id}: {due} events were acknowledged, {here} are here");
    for (number, event) in trace.events.iter().enumerate() {
        match event.readable {
            Readable::Open => {
                ensure!(!kept.erased, "{id}: event {number} was erased and can be read");
                let same = event.event.text.as_deref() == Some(&text(id, number));
                ensure!(same, "{id}: event {number} says something else");
            }
            _ => ensure!(kept.erasing, "{id}: event {number} cannot be read"),
        }
    }
    Ok(())
}
