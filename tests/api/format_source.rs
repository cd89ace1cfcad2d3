//! What the tests of formats share: reading a text whole, writing it back, and the fixtures.

use std::io::Read;

use activemirror::document::{Event, Leaf, Trace, Value};
use activemirror::format::mirrordna::Writer;
use activemirror::format::{Format, FormatError, Reader};

pub(crate) const MIRRORDNA: &str = include_str!("fixtures/mirrordna.jsonl");
pub(crate) const TAU_BENCH: &str = include_str!("fixtures/tau-bench.json");

/// All traces before the fault, and the fault.
pub(crate) fn read(source: impl Read, format: Option<Format>) -> (Vec<Trace>, Option<FormatError>) {
    let mut traces = Vec::new();
    let mut reader = Reader::new(source, format);
    for trace in &mut reader {
        match trace {
            Ok(trace) => traces.push(trace),
            Err(error) => {
                assert!(reader.next().is_none(), "a fault is the last that comes");
                return (traces, Some(error));
            }
        }
    }
    (traces, None)
}

/// The traces of a text without a fault.
#[track_caller]
pub(crate) fn traces(text: &str) -> Vec<Trace> {
    match read(text.as_bytes(), None) {
        (traces, None) => traces,
        (_, Some(error)) => panic!("{error}"),
    }
}

/// The one trace of a text.
#[track_caller]
pub(crate) fn trace(text: &str) -> Trace {
    let mut traces = traces(text);
    assert_eq!(traces.len(), 1);
    traces.remove(0)
}

/// The fault of a text, and how many traces came before it.
#[track_caller]
pub(crate) fn fault(source: impl Read) -> (FormatError, usize) {
    let (traces, error) = read(source, None);
    (error.expect("a fault"), traces.len())
}

/// Traces as MirrorDNA JSON Lines.
#[track_caller]
pub(crate) fn write(traces: &[Trace]) -> String {
    let mut writer = Writer::new(Vec::new());
    for trace in traces {
        writer.write(trace, &[], &[]).unwrap();
    }
    String::from_utf8(writer.finish().unwrap()).unwrap()
}

/// A trace around these members of its only event.
pub(crate) fn event_line(members: &str) -> String {
    format!(
        "{{\"trace_id\":\"t\",\"agent_id\":\"a\",\"timestamp\":\"2025-01-01T00:00:00.000Z\",\"events\":[{{{members}}}]}}\n"
    )
}

/// The only event of the trace around these members.
#[track_caller]
pub(crate) fn event(members: &str) -> Event {
    trace(&event_line(members)).events.remove(0)
}

pub(crate) fn leaf(path: &str, value: Value) -> Leaf {
    Leaf { path: path.to_owned(), value }
}

pub(crate) fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

#[test]
fn reading_ahead_gives_the_same() {
    let faulty = format!("{MIRRORDNA}{{\"trace_id\": 7}}\n");
    for text in [MIRRORDNA, TAU_BENCH, &*faulty, ""] {
        let (traces, fault) = read(text.as_bytes(), None);
        let ahead = Reader::new(std::io::Cursor::new(text.to_owned()), None).ahead().unwrap();
        let mut came = Vec::new();
        let mut last = None;
        for trace in ahead {
            assert!(last.is_none(), "a fault is the last that comes");
            match trace {
                Ok(trace) => came.push(trace),
                Err(error) => last = Some(error.to_string()),
            }
        }
        assert_eq!((came, last), (traces, fault.map(|error| error.to_string())));
    }
}

/// A source that panics: what came before it must not pass for all there is.
#[test]
fn a_reader_that_panics_ends_nothing_quietly() {
    struct Broken(std::io::Cursor<String>);

    impl Read for Broken {
        fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
            match self.0.read(into)? {
                0 => panic!("the source broke"),
                read => Ok(read),
            }
        }
    }

    let source = Broken(std::io::Cursor::new(MIRRORDNA.to_owned()));
    let reading = std::thread::spawn(|| Reader::new(source, None).ahead().unwrap().for_each(drop));
    assert_eq!(reading.join().unwrap_err().downcast_ref(), Some(&"the source broke"));
}
