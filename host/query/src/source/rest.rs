//! Traces: what begins each, and where the query asks for it, what a record of its own or its events
//! say. Those are looked up for many traces at a time.

use core::ops::ControlFlow;
use std::collections::HashMap;

use activemirror::document::{Event, Value};
use activemirror::{Kind, LogId, Row as Found, Said};
use activemirror_core::filter::{Filter, Kinds, Name, Test, Words};

use super::scan::{Give, search};
use super::view::{Begun, Head, row, trace_cell};
use super::{Columns, Row, Wanted};
use crate::error::QueryError;
use crate::reader::Reader;
use crate::schema::Table;

/// Traces whose other records are looked up together.
const TOGETHER: usize = 200;

/// A trace, as far as it is known.
#[derive(Debug)]
struct Known {
    log: LogId,
    sequence: u64,
    id: String,
    agent: Option<String>,
    session: Option<String>,
    readable: activemirror::Readable,
    start: Event,
    system: Option<String>,
    events: u64,
    governed: bool,
}

pub(super) fn run(reader: &Reader, wanted: &Wanted, give: &mut Give<'_>) -> Result<(), QueryError> {
    let has = |names: &[&str]| wanted.columns.have(Table::Traces, names);
    let content = has(&["user_id", "metadata", "other"]);
    let rest = Rest { system: has(&["system"]), governed: has(&["governed"]), events: has(&["event_count"]) };
    let mut failed = None;
    let mut together = Vec::new();
    search(reader, wanted, (Kind::TraceStart.into(), content), &mut |start| {
        together.push(known(start));
        if rest.is_wanted() && together.len() < TOGETHER {
            return ControlFlow::Continue(());
        }
        match hand_over(reader, wanted, rest, &mut together, give) {
            Ok(flow) => flow,
            Err(error) => {
                failed = Some(error);
                ControlFlow::Break(())
            }
        }
    })?;
    if let Some(error) = failed {
        return Err(error);
    }
    hand_over(reader, wanted, rest, &mut together, give).map(drop)
}

fn known(start: &Found<'_>) -> Known {
    Known {
        log: start.log,
        sequence: start.sequence,
        id: start.trace.unwrap_or_default().to_owned(),
        agent: start.agent.map(str::to_owned),
        session: start.session.map(str::to_owned),
        readable: start.readable,
        start: start.event.clone(),
        system: None,
        events: 0,
        governed: true,
    }
}

fn hand_over(
    reader: &Reader,
    wanted: &Wanted,
    rest: Rest,
    together: &mut Vec<Known>,
    give: &mut Give<'_>,
) -> Result<ControlFlow<()>, QueryError> {
    if rest.is_wanted() && !together.is_empty() {
        rest.look_up(reader, wanted, together)?;
    }
    for trace in together.drain(..) {
        if give(row_of(wanted.columns, &trace)).is_break() {
            return Ok(ControlFlow::Break(()));
        }
    }
    Ok(ControlFlow::Continue(()))
}

/// What is told elsewhere than where a trace begins.
#[derive(Clone, Copy, Debug)]
struct Rest {
    system: bool,
    governed: bool,
    events: bool,
}

impl Rest {
    const fn is_wanted(self) -> bool {
        self.system || self.governed || self.events
    }

    fn look_up(self, reader: &Reader, wanted: &Wanted, traces: &mut [Known]) -> Result<(), QueryError> {
        let ids = traces.iter().map(|trace| trace.id.clone()).collect();
        let filter = Filter::from(Test::Name(Name::Trace, Words::OneOf(ids)));
        let about = Wanted { filter, limit: None, ..wanted.clone() };
        let mut places = HashMap::new();
        for (place, trace) in traces.iter().enumerate() {
            places.insert((trace.log, trace.id.clone()), place);
        }
        let mut take = |record: &Found<'_>| {
            let place = record.trace.and_then(|id| places.get(&(record.log, id.to_owned())));
            if let Some(trace) = place.and_then(|place| traces.get_mut(*place)) {
                match &record.said {
                    Said::Ungoverned => trace.governed = false,
                    _ if record.event.kind == Kind::System => trace.system.clone_from(&record.event.text),
                    _ => trace.events += u64::from(record.event.kind.event_name().is_some()),
                }
            }
            ControlFlow::Continue(())
        };
        // Events are counted by their structure; the others have to be opened.
        if self.events {
            search(reader, &about, (Kinds::EVENTS, false), &mut take)?;
        }
        let opened = Kinds::default();
        let opened = if self.system { opened.with(Kind::System) } else { opened };
        let opened = if self.governed { opened.with(Kind::Notice) } else { opened };
        if opened != Kinds::default() {
            search(reader, &about, (opened, true), &mut take)?;
        }
        Ok(())
    }
}

fn row_of(columns: Columns, trace: &Known) -> Row {
    let head = Head {
        log: trace.log,
        sequence: trace.sequence,
        trace: Some(&trace.id),
        agent: trace.agent.as_deref(),
        session: trace.session.as_deref(),
        time: trace.start.time,
        readable: trace.readable,
    };
    let user = trace.start.leaves.iter().find(|leaf| leaf.path == "/user_id");
    let begun = Begun {
        user: user
            .and_then(|leaf| if let Value::Text(name) = &leaf.value { Some(name.as_str()) } else { None }),
        system: trace.system.as_deref(),
        leaves: &trace.start.leaves,
        events: trace.events,
        governed: trace.governed,
    };
    row(Table::Traces, columns, (trace.log, trace.sequence), |column| trace_cell(&head, &begun, column))
}
