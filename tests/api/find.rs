//! Finding records through the runtime: rows as their reader may see them, and nothing beside.

use core::ops::ControlFlow;
use std::path::{Path, PathBuf};

use activemirror::document::Event;
use activemirror::filter::{Compare, Field, Filter, FilterError, Kinds, Test, Words};
use activemirror::{
    Config, Error, Explain, Grant, Kind, Options, Order, PluginFile, Query, Reveal, Runtime, Said, Start,
    Traces,
};
use tempfile::TempDir;

const SAID: &str = "write to zoe.keller@example.org, please";

/// A runtime, and where it lies.
struct Place {
    runtime: Runtime,
    /// Goes when the runtime has gone.
    _folder: TempDir,
}

impl Place {
    fn new(plugins: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (data, key_file) = (folder.path().join("data"), folder.path().join("keys/device.key"));
        let plugins = plugins.iter().map(|name| plugin(name)).collect();
        let runtime = Runtime::open(Options { data, key_file, plugins, ..Options::default() }).unwrap();
        Self { runtime, _folder: folder }
    }

    fn record(&self, trace: &str, agent: &str, events: impl IntoIterator<Item = Event>) {
        let (trace, session) = (Some(trace.to_owned()), Some(format!("session-of-{trace}")));
        let start = Start { trace, session, agent: agent.into(), ..Start::default() };
        let mut recorder = self.runtime.begin(start).unwrap();
        for event in events {
            recorder.record(event).unwrap();
        }
        recorder.end().unwrap();
    }

    /// What each row says, in short, and how it was found.
    fn find(&self, query: &Query) -> (Vec<String>, Explain) {
        let mut rows = Vec::new();
        let explain = self.runtime.find(query, &mut |row| {
            rows.push(format!("{:?} {}", row.event.kind, row.event.text.as_deref().unwrap_or("-")));
            ControlFlow::Continue(())
        });
        (rows, explain.unwrap())
    }

    fn masked(&self, filter: impl Into<Filter>) -> Vec<String> {
        self.find(&Query { filter: filter.into(), ..Query::default() }).0
    }

    fn revealed(&self, filter: impl Into<Filter>) -> Vec<String> {
        let (reveal, request) = (Reveal::Originals, "a test".to_owned());
        self.find(&Query { filter: filter.into(), reveal, request, ..Query::default() }).0
    }
}

/// A built-in plugin, as `cargo xtask plugins` has built it.
fn plugin(name: &str) -> PluginFile {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/plugins");
    let folder = std::env::var_os("ACTIVEMIRROR_PLUGINS").map_or(folder, PathBuf::from);
    let component = std::fs::read(folder.join(name).with_extension("wasm")).expect("cargo xtask plugins");
    let (config, grant) = (Config::default(), Grant::PersonalData);
    PluginFile { name: name.to_owned(), component, config, grant }
}

fn says(text: &str) -> Filter {
    Test::Text(Words::Contains(text.to_owned())).into()
}

#[test]
fn a_filter_sees_what_a_row_shows() {
    let place = Place::new(&["pii"]);
    place.record("t", "support-bot", [Event::observation(SAID).from_user(), Event::output("I shall.")]);
    let shown = place.masked(says("write to"));
    let [shown] = &shown[..] else { panic!("{shown:?}") };
    assert!(shown.starts_with("Observation write to ⟦email·") && !shown.contains("zoe"), "{shown}");
    for guess in ["write to z", "zoe", "keller@example.org", "@"] {
        assert_eq!(place.masked(says(guess)), [""; 0], "{guess}");
        assert_eq!(place.revealed(says(guess)), [format!("Observation {SAID}")], "{guess}");
    }
    let token = &shown["Observation ".len()..];
    assert_eq!(place.masked(says(token)), core::slice::from_ref(shown), "what is shown can be looked for");
}

#[test]
fn whoever_looks_behind_masks_is_noted_before_they_see_anything() {
    let place = Place::new(&["pii"]);
    place.record("t", "support-bot", [Event::observation(SAID).from_user()]);
    let notices = || place.masked(Filter::of(Kind::Notice)).len();
    let before = notices();
    place.masked(says("write"));
    assert_eq!(notices(), before, "a masked look leaves no record");
    place.revealed(says("nothing of the kind"));
    assert_eq!(notices(), before + 1, "to learn that nothing is there is to learn something");
    let mut noted = before;
    let query = Query { filter: says("zoe"), reveal: Reveal::Originals, ..Query::default() };
    let found = place.runtime.find(&query, &mut |_| {
        noted = notices();
        ControlFlow::Break(())
    });
    assert_eq!((found.unwrap().matched, noted), (1, before + 2));
}

#[test]
fn rows_are_records_of_every_kind() {
    let place = Place::new(&["pii", "gdpr"]);
    place.record("t", "support-bot", [Event::observation(SAID).from_user()]);
    let (mut event, mut verdicts, mut findings) = (None, Vec::new(), Vec::new());
    let everything = place.runtime.find(&Query::default(), &mut |row| {
        match &row.said {
            Said::Verdict(on, verdict) => verdicts.push((*on, verdict.policy.clone())),
            Said::Finding(finding) => findings.push((finding.trace.clone(), finding.evidence.clone())),
            Said::Nothing if row.event.kind == Kind::Observation => event = Some(row.sequence),
            Said::Nothing | Said::Ungoverned => {}
        }
        ControlFlow::Continue(())
    });
    assert!(everything.unwrap().unread.is_empty());
    let event = event.unwrap();
    let on_event = verdicts.iter().find(|(on, _)| *on == event).unwrap();
    assert!(on_event.1.starts_with("pii@"), "{verdicts:?}");
    assert_eq!(findings.len(), place.runtime.findings().unwrap().len());
    assert!(findings.iter().all(|(trace, _)| trace == "t") && !findings.is_empty(), "{findings:?}");
}

#[test]
fn content_that_is_not_wanted_stays_sealed() {
    let place = Place::new(&[]);
    place.record("t", "support-bot", [Event::thought("a secret").intent("refund", 0.4)]);
    let filter = Filter::from(Test::Confidence(Compare::Less, 0.5));
    let (rows, explain) = place.find(&Query { filter: filter.clone(), content: false, ..Query::default() });
    assert_eq!((rows, explain.unsealed), (vec!["Thought -".to_owned()], 0));
    let (rows, explain) = place.find(&Query { filter, ..Query::default() });
    assert_eq!((rows, explain.unsealed), (vec!["Thought a secret".to_owned()], 1));
}

#[test]
fn the_newest_rows_come_first_where_they_are_wanted_so() {
    let place = Place::new(&[]);
    place.record("t", "support-bot", ["one", "two", "three"].map(Event::thought));
    let filter = Filter::from(Test::Has(Field::Text));
    let query = Query { filter, order: Order::NewestFirst, limit: Some(2), ..Query::default() };
    assert_eq!(place.find(&query).0, ["Thought three", "Thought two"]);
}

#[test]
fn lists_of_traces_are_what_is_asked_for() {
    let place = Place::new(&[]);
    for (trace, agent, events) in [("ab-1", "one", 2), ("ab-2", "two", 3), ("b-1", "one", 1)] {
        place.record(trace, agent, (0..events).map(|_| Event::thought("hm")));
    }
    let list = |wanted: &Traces| -> Vec<(String, usize)> {
        place.runtime.list(wanted).unwrap().into_iter().map(|trace| (trace.id, trace.events)).collect()
    };
    let named = |id: &str, events| (id.to_owned(), events);
    assert_eq!(list(&Traces::default()), [named("b-1", 1), named("ab-2", 3), named("ab-1", 2)]);
    let of_one = Traces { agent: Some("one".into()), ..Traces::default() };
    assert_eq!(list(&of_one), [named("b-1", 1), named("ab-1", 2)]);
    assert_eq!(list(&Traces { limit: Some(1), ..of_one }), [named("b-1", 1)]);
    let session = Some("session-of-ab-2".to_owned());
    assert_eq!(list(&Traces { session, ..Traces::default() }), [named("ab-2", 3)]);
    assert_eq!(place.runtime.trace_ids("ab").unwrap(), ["ab-1", "ab-2"]);
    assert_eq!(place.runtime.trace_ids("b-1").unwrap(), ["b-1"]);
    assert_eq!(place.runtime.trace_ids("c").unwrap(), [""; 0]);
}

#[test]
fn an_erased_person_has_rows_without_content() {
    let place = Place::new(&[]);
    let start = Start { agent: "a".into(), user: Some("zoe".into()), ..Start::default() };
    let mut recorder = place.runtime.begin(start).unwrap();
    recorder.record(Event::thought("about zoe")).unwrap();
    recorder.end().unwrap();
    assert_eq!(place.masked(says("zoe")).len(), 1);
    place.runtime.erase("zoe").unwrap();
    assert_eq!(place.masked(says("zoe")), [""; 0]);
    assert_eq!(place.masked(Filter::of(Kinds::EVENTS)), ["Thought -"]);
}

#[test]
fn a_hostile_filter_is_refused_before_anything_is_noted() {
    let place = Place::new(&[]);
    let deep = (0..1_000).fold(Filter::EVERYTHING, |inner, _| !inner);
    let query = Query { filter: deep, reveal: Reveal::Originals, ..Query::default() };
    let refused = place.runtime.find(&query, &mut |_| ControlFlow::Continue(()));
    assert!(matches!(refused, Err(Error::Filter(FilterError::TooDeep))));
    assert_eq!(place.masked(Filter::of(Kind::Notice)), [""; 0]);
}
