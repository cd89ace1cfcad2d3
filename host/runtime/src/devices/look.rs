//! Looking at devices' logs: their blocks cannot be changed, so what policies would have masked
//! becomes a finding.
//!
//! How far a log was looked at is stored with what was found there, so an import that was stopped,
//! or that no policies governed, is made up for by the next one, and nothing is found twice.

use activemirror_core::draft::Draft;
use activemirror_core::filter::{Compare, Filter, Kinds, Name, Test};
use activemirror_core::log::LogId;
use activemirror_core::trace::{Record, SubjectRef};
use activemirror_engine as engine;
use activemirror_store::{Order, StoreError};
use indexmap::IndexSet;

use crate::audit::Found;
use crate::error::Error;
use crate::govern::Governance;
use crate::history::{Kept, kept};
use crate::plan::{Context, Planned};
use crate::runtime::{Inner, now};

impl Inner {
    /// Asks the policies about everything in a device's log that they were not asked about yet.
    /// Returns how many places hold personal data that the device did not mark.
    pub(super) fn look_for_unmarked(&self, log: LogId) -> Result<usize, Error> {
        let (from, end) = (self.store().looked(log)?, self.store().end(log)?);
        if from == end || !self.plugins.govern() {
            return Ok(0);
        }
        self.announce()?;
        let mut found = Vec::new();
        for trace in self.traces_from(log, from)? {
            self.look_at(log, &trace, from, &mut found)?;
        }
        let now = now();
        let records: Vec<Record<'_>> =
            found.iter().map(|(context, planned)| planned.record(context, now)).collect();
        self.exclusively(|store| store.append_looked(log, end, &records))?;
        Ok(records.len())
    }

    /// The traces that have events in a device's log from this sequence on.
    fn traces_from(&self, log: LogId, sequence: u64) -> Result<IndexSet<String>, Error> {
        let mut traces = IndexSet::new();
        let from = Test::Sequence(Compare::AtLeast, sequence);
        self.search_left(&events(log).and(from.into()), false, &mut |event| {
            if let Some(trace) = event.structure.trace.filter(|trace| !traces.contains(*trace)) {
                traces.insert(trace.to_owned());
            }
            Ok(())
        })?;
        Ok(traces)
    }

    /// Replays a trace, since policies are functions of all that came before, and takes down what
    /// they mark from the sequence `from` on.
    fn look_at(
        &self,
        log: LogId,
        trace: &str,
        from: u64,
        found: &mut Vec<(Context, Planned)>,
    ) -> Result<(), Error> {
        let mut governance = Governance::new(&self.plugins);
        for (subject, event) in self.events_in(log, trace)? {
            let mut drafts = [event.draft.clone()];
            let tags = |text: &str| self.store().token_tag(subject, text);
            governance.decide(&self.plugins, &mut drafts, event.sequence, &tags);
            if event.sequence >= from {
                let context = self.context_of(trace, subject);
                let [draft] = drafts;
                let new = unmarked(&log, event.sequence, &event.draft, &draft);
                found.extend(new.map(|new| (context.clone(), Planned::Finding(new))));
            }
        }
        Ok(())
    }

    /// Hands over what passes; what went by retention has nothing left in it to be marked.
    fn search_left(
        &self,
        filter: &Filter,
        content: bool,
        each: &mut dyn FnMut(&activemirror_store::Found<'_>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let unread = self.search_readable(Order::OldestFirst, None, filter, content, each)?;
        let other = unread.into_iter().find(|unread| !matches!(unread.why, StoreError::Gone { .. }));
        other.map_or(Ok(()), |unread| Err(unread.why.into()))
    }

    /// The events of a trace in this log, whether or not the trace begins there: another log may
    /// have one of the same id.
    fn events_in(&self, log: LogId, trace: &str) -> Result<Vec<(SubjectRef, Kept)>, Error> {
        let mut kept_events = Vec::new();
        self.search_left(&events(log).and(Filter::named(Name::Trace, trace)), true, &mut |event| {
            kept_events.push((event.structure.subject, kept(event)));
            Ok(())
        })?;
        Ok(kept_events)
    }

    /// A finding is its person's, and nobody's where they were erased.
    fn context_of(&self, trace: &str, subject: SubjectRef) -> Context {
        let live = self.store().has_key(subject);
        Context {
            trace: trace.to_owned(),
            agent: None,
            session: None,
            subject: if live { subject } else { self.namespace },
            namespace: self.namespace,
        }
    }
}

/// Every event of a log.
fn events(log: LogId) -> Filter {
    Filter::from(Test::Log(log)).and(Filter::of(Kinds::EVENTS))
}

/// A finding for each mark that policies add to what the device marked.
fn unmarked<'d>(
    log: &'d LogId,
    sequence: u64,
    before: &'d Draft,
    after: &'d Draft,
) -> impl Iterator<Item = Found> + 'd {
    let new = after.marks.iter().filter(|mark| !before.marks.contains(mark));
    new.map(move |mark| Found {
        plugin: mark.plugin,
        finding: engine::Finding {
            control: "personal-data/unmarked".to_owned(),
            state: engine::ControlState::NotSatisfied,
            severity: engine::Severity::Medium,
            message: format!("the device stored {} unmarked in {log}/{sequence}", mark.category),
            evidence: Vec::new(),
        },
    })
}
