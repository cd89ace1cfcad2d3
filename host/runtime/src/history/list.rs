//! Lists of traces: what begins each, and how many events it has.

use std::collections::HashMap;

use activemirror_core::filter::{Filter, Kinds, Name, Test, Words};
use activemirror_core::limits::FILTER_TESTS_MAX;
use activemirror_core::log::LogId;
use activemirror_core::trace::Kind;
use activemirror_store::{Found, Order};

use super::{TraceSummary, readable};
use crate::error::Error;
use crate::runtime::Runtime;

/// Beyond so many traces it is less work to count the events of all.
const COUNTED_APART: usize = FILTER_TESTS_MAX / 64;

/// Which traces; by default all.
#[derive(Clone, Debug, Default)]
pub struct Traces {
    /// Only this agent's.
    pub agent: Option<String>,
    /// Only this session's.
    pub session: Option<String>,
    /// No more than so many, the newest.
    pub limit: Option<usize>,
}

impl Traces {
    fn filter(&self) -> Filter {
        let named = |name, value: &Option<String>| value.as_ref().map(|value| Filter::named(name, value));
        let names = [named(Name::Agent, &self.agent), named(Name::Session, &self.session)];
        names.into_iter().flatten().fold(Filter::of(Kind::TraceStart), Filter::and)
    }
}

impl Runtime {
    /// All traces, newest first within each log, but for those that begin in what cannot be read
    /// ([`Runtime::left_out`]).
    pub fn traces(&self) -> Result<Vec<TraceSummary>, Error> {
        self.list(&Traces::default())
    }

    /// These traces, newest first within each log. Nobody's content is opened for it.
    pub fn list(&self, wanted: &Traces) -> Result<Vec<TraceSummary>, Error> {
        let mut traces = Vec::new();
        let limit = wanted.limit.map(|limit| limit as u64);
        self.inner().search_in(Order::NewestFirst, limit, &wanted.filter(), false, &mut |start| {
            traces.push(summary(start));
            Ok(())
        })?;
        self.count(&mut traces)?;
        Ok(traces)
    }

    /// The ids of all traces that begin so; one of just this id comes alone.
    pub fn trace_ids(&self, beginning: &str) -> Result<Vec<String>, Error> {
        let starts = || Filter::of(Kind::TraceStart);
        let begins = Test::Name(Name::Trace, Words::StartsWith(beginning.to_owned()));
        let mut ids = Vec::new();
        for filter in [Filter::named(Name::Trace, beginning).and(starts()), starts().and(begins.into())] {
            self.inner().search(&filter, false, &mut |start| {
                ids.extend(start.structure.trace.map(str::to_owned));
                Ok(())
            })?;
            ids.dedup();
            if !ids.is_empty() {
                break;
            }
        }
        Ok(ids)
    }

    /// Counts the events of these traces, in one pass over the blocks that hold any.
    fn count(&self, traces: &mut [TraceSummary]) -> Result<(), Error> {
        let events = Filter::of(Kinds::EVENTS);
        let ids = || traces.iter().map(|trace| trace.id.clone()).collect();
        let filter = match traces.len() {
            0 => return Ok(()),
            1..=COUNTED_APART => events.and(Test::Name(Name::Trace, Words::OneOf(ids())).into()),
            _ => events,
        };
        let mut places: HashMap<LogId, HashMap<String, usize>> = HashMap::new();
        for (place, trace) in traces.iter().enumerate() {
            places.entry(trace.log).or_default().insert(trace.id.clone(), place);
        }
        self.inner().search(&filter, false, &mut |event| {
            let place = event.structure.trace.and_then(|id| places.get(&event.log)?.get(id));
            if let Some(trace) = place.and_then(|place| traces.get_mut(*place)) {
                trace.events += 1;
            }
            Ok(())
        })
    }
}

fn summary(start: &Found<'_>) -> TraceSummary {
    let structure = start.structure;
    TraceSummary {
        id: structure.trace.unwrap_or_default().to_owned(),
        log: start.log,
        sequence: start.sequence,
        agent: structure.agent.map(str::to_owned),
        session: structure.session.map(str::to_owned),
        time: structure.time,
        events: 0,
        readable: readable(start.body),
    }
}
