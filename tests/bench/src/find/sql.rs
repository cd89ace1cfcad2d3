//! SQL over the log, and the same questions to SQLite over its own tables of the same events.

use core::time::Duration;
use std::io;
use std::time::Instant;

use activemirror::Reveal;
use activemirror_query::{Ask, Limits, Output, Value};
use anyhow::{Result, ensure};
use rusqlite::types::Value as Bound;

use super::world::{Sample, World};
use crate::report::{Better, Row};

/// How often what is asked of a sample is asked.
const TIMES: usize = 3;

/// A question in two dialects; both come to as many rows.
struct Question {
    what: &'static str,
    ours: fn(&Sample) -> String,
    theirs: &'static str,
    values: fn(&Sample) -> Vec<Bound>,
}

const QUESTIONS: [Question; 4] = [
    Question {
        what: "the documented query: traces of an agent, with one unsure event of an intent",
        ours: |sample| {
            format!(
                "SELECT * FROM traces WHERE agent_id = '{}' AND timestamp > '2024-01-01' AND \
                 events.semantics.intent = '{}' AND events.semantics.confidence < 0.7",
                sample.agent, sample.intent
            )
        },
        theirs: "SELECT DISTINCT trace FROM events WHERE agent = ? AND intent = ? AND confidence < 0.7",
        values: |sample| vec![sample.agent.clone().into(), sample.intent.clone().into()],
    },
    Question {
        what: "count and mean confidence by intent and type",
        ours: |_| "SELECT intent, type, count(*), avg(confidence) FROM events GROUP BY 1, 2".to_owned(),
        theirs: "SELECT intent, kind, count(*), avg(confidence) FROM events GROUP BY 1, 2",
        values: |_| Vec::new(),
    },
    Question {
        what: "the ten traces with the most unsure actions, joined with what began them",
        ours: |_| {
            "SELECT t.trace_id, t.agent_id, count(*) AS unsure FROM events e JOIN traces t USING (log, trace_id) \
             WHERE e.type = 'action' AND e.confidence < 0.01 GROUP BY 1, 2 ORDER BY 3 DESC LIMIT 10"
                .to_owned()
        },
        theirs: "SELECT trace, agent, count(*) AS unsure FROM events WHERE kind = 'action' AND confidence < 0.01 \
                 GROUP BY 1, 2 ORDER BY 3 DESC LIMIT 10",
        values: |_| Vec::new(),
    },
    Question {
        what: "a window: each event of a trace beside the mean of the ten before it",
        ours: |sample| {
            format!(
                "SELECT sequence, confidence, avg(confidence) OVER (ORDER BY sequence ROWS 10 PRECEDING) \
                 FROM events WHERE trace_id = '{}'",
                sample.trace
            )
        },
        theirs: "SELECT id, confidence, avg(confidence) OVER (ORDER BY id ROWS 10 PRECEDING) FROM events \
                 WHERE trace = ?",
        values: |sample| vec![sample.trace.clone().into()],
    },
];

/// Counts rows.
#[derive(Default)]
struct Counted(u64);

impl Output for Counted {
    fn columns(&mut self, _: &[String]) -> io::Result<()> {
        Ok(())
    }

    fn row(&mut self, _: &[Value<'_>]) -> io::Result<()> {
        self.0 += 1;
        Ok(())
    }
}

/// A row for each question.
pub(super) fn rows(world: &World) -> Result<Vec<Row>> {
    QUESTIONS.iter().map(|question| asked(world, question)).collect()
}

fn asked(world: &World, question: &Question) -> Result<Row> {
    let (mut ours, mut theirs, mut opened) = (Vec::new(), Vec::new(), 0);
    let samples = world.samples.iter().step_by((world.samples.len() / TIMES).max(1));
    for sample in samples {
        let begun = Instant::now();
        let (found, blocks) = run(world, &(question.ours)(sample))?;
        ours.push(begun.elapsed());
        let begun = Instant::now();
        let expected = world.sqlite_rows(question.theirs, &(question.values)(sample))?;
        theirs.push(begun.elapsed());
        ensure!(found == expected, "{}: {found} rows here, {expected} in SQLite", question.what);
        opened += blocks;
    }
    let blocks = opened as f64 / ours.len() as f64;
    let middle = |mut times: Vec<Duration>| {
        times.sort_unstable();
        times[times.len() / 2].as_secs_f64() * 1e3
    };
    let what = format!("SQL, {}, {blocks:.0} blocks opened", question.what);
    Ok(Row::new(what, "ms", Better::Lower, middle(ours)).beside("SQLite", middle(theirs)))
}

/// How many rows it gives, and how many blocks were opened for them.
fn run(world: &World, sql: &str) -> Result<(u64, u64)> {
    // SQLite groups what it has sorted, here in memory alone: ten million rows take 600 MiB.
    let limits = Limits { time: Duration::from_secs(600), memory_bytes: 2 << 30, ..Limits::default() };
    let ask = Ask { sql, reveal: Reveal::Masked, request: "bench", limits };
    let mut counted = Counted::default();
    let report = activemirror_query::run(&world.runtime, &ask, &mut counted)?;
    Ok((counted.0, report.scans.iter().map(|scan| scan.opened).sum()))
}
