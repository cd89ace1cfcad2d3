//! Small blocks are merged into packs as an agent goes on, and when its runtime is closed: whoever reads
//! notices nothing of it, and the file is small.

use core::ops::ControlFlow;
use core::time::Duration;
use std::path::Path;

use activemirror::document::Event;
use activemirror::filter::{Filter, Kinds, Test, Words};
use activemirror::{Limits, Options, Query, Reveal, Runtime, Scope, Start, Tier, WhenFull};
use tempfile::TempDir;

const NEVER: Limits = Limits { merge_after: None, ..limits() };

const fn limits() -> Limits {
    Limits {
        bytes: 1 << 20,
        when_full: WhenFull::Wait,
        linger: Duration::from_millis(100),
        merge_after: Some(64),
    }
}

fn open(folder: &Path, limits: Limits) -> Runtime {
    let (data, key_file) = (folder.join("data"), folder.join("keys/device.key"));
    Runtime::open(Options { data, key_file, limits, ..Options::default() }).unwrap()
}

/// Records these texts in a trace, each durable before the next.
fn record<'t>(runtime: &Runtime, trace: &str, user: &str, texts: impl IntoIterator<Item = &'t str>) {
    let (trace, user) = (Some(trace.to_owned()), Some(user.to_owned()));
    let mut recorder = runtime.begin(Start { trace, user, agent: "a".into(), ..Start::default() }).unwrap();
    for text in texts {
        let ruled = recorder.record(Event::output(text)).unwrap();
        runtime.wait(ruled.sequence).unwrap();
    }
    recorder.end().unwrap();
}

/// Texts, each of which holds all before it.
fn resent(steps: usize) -> Vec<String> {
    let mut said = String::new();
    (0..steps)
        .map(|step| {
            let orders = (0..30).map(|place| format!(" {:x}", (step * 30 + place) as u64 * 2_654_435_761));
            said.push_str(&format!("{step}: the kettle of order{} leaks; ", orders.collect::<String>()));
            said.clone()
        })
        .collect()
}

fn texts(runtime: &Runtime, trace: &str) -> Vec<Option<String>> {
    let stored = runtime.read(trace, Reveal::Originals, "a test").unwrap();
    stored.events.into_iter().map(|event| event.event.text).collect()
}

fn blocks(runtime: &Runtime) -> [u64; 2] {
    let standing = runtime.retention().unwrap();
    [Tier::Hot, Tier::Warm].map(|tier| standing.total(tier).blocks)
}

fn found(runtime: &Runtime, filter: impl Into<Filter>) -> Vec<String> {
    let (mut rows, filter) = (Vec::new(), Filter::of(Kinds::EVENTS).and(filter.into()));
    let query = Query { filter, ..Query::default() };
    let explain = runtime.find(&query, &mut |row| {
        rows.push(format!("{} {:?}", row.sequence, row.event.text));
        ControlFlow::Continue(())
    });
    assert!(explain.unwrap().unread.is_empty());
    rows
}

fn says(text: &str) -> Test {
    Test::Text(Words::Contains(text.to_owned()))
}

#[track_caller]
fn holds(runtime: &Runtime) {
    let report = runtime.verify(Scope::Everything, || ()).unwrap();
    assert_eq!(report.fault().map(|(_, fault)| fault.to_string()), None);
}

fn size(folder: &TempDir) -> u64 {
    std::fs::metadata(folder.path().join("data/log.redb")).unwrap().len()
}

#[test]
fn what_was_recorded_one_by_one_is_merged_and_reads_as_before() {
    let folder = tempfile::tempdir().unwrap();
    let said = resent(60);
    let said: Vec<&str> = said.iter().map(String::as_str).collect();
    let runtime = open(folder.path(), NEVER);
    record(&runtime, "one", "ann", said.iter().copied());
    runtime.close().unwrap();
    let runtime = open(folder.path(), limits());
    let read = |runtime: &Runtime| {
        let (kettles, order) = (found(runtime, says("kettle")), found(runtime, says("59: the kettle")));
        (texts(runtime, "one"), kettles, order)
    };
    let before = read(&runtime);
    assert_eq!((before.1.len(), before.2.len()), (60, 1));
    assert!(blocks(&runtime)[0] >= 60, "{:?}", blocks(&runtime));
    record(&runtime, "two", "ben", ["hello"]);
    runtime.close().unwrap();
    let runtime = open(folder.path(), limits());
    assert_eq!(blocks(&runtime)[0], 0);
    assert_eq!(read(&runtime), before);
    assert_eq!(texts(&runtime, "two"), [Some("hello".to_owned())]);
    holds(&runtime);
}

#[test]
fn a_history_that_is_resent_takes_little() {
    let sizes = [NEVER, limits()].map(|limits| {
        let folder = tempfile::tempdir().unwrap();
        let runtime = open(folder.path(), limits);
        let said = resent(100);
        record(&runtime, "one", "ann", said.iter().map(String::as_str));
        runtime.close().unwrap();
        (size(&folder), said.iter().map(String::len).sum::<usize>() as u64)
    });
    let [(apart, _), (merged, said)] = sizes;
    assert!(merged * 4 < apart && merged * 8 < said, "{merged} of {apart}, {said} said");
}

#[test]
fn it_is_merged_while_the_agent_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let runtime = open(folder.path(), Limits { merge_after: Some(16), ..limits() });
    let said = resent(120);
    record(&runtime, "one", "ann", said.iter().map(String::as_str));
    let mut tries = 0;
    while blocks(&runtime)[1] == 0 {
        tries += 1;
        assert!(tries < 500, "{:?}", blocks(&runtime));
        std::thread::sleep(Duration::from_millis(10));
    }
    assert_eq!(texts(&runtime, "one"), said.iter().map(|text| Some(text.clone())).collect::<Vec<_>>());
    holds(&runtime);
}

#[test]
fn nothing_is_merged_where_nothing_was_recorded_or_nobody_wants_it() {
    let folder = tempfile::tempdir().unwrap();
    let runtime = open(folder.path(), NEVER);
    record(&runtime, "one", "ann", resent(40).iter().map(String::as_str));
    runtime.close().unwrap();
    let hot = |limits| {
        let runtime = open(folder.path(), limits);
        let [hot, warm] = blocks(&runtime);
        assert!(hot >= 40 && warm == 0, "{hot} {warm}");
        runtime.close().unwrap();
    };
    hot(limits());
    hot(NEVER);
    hot(NEVER);
}

#[test]
fn somebody_whose_words_were_merged_is_erased() {
    let folder = tempfile::tempdir().unwrap();
    let runtime = open(folder.path(), limits());
    record(&runtime, "one", "ann", resent(20).iter().map(String::as_str));
    record(&runtime, "two", "ben", resent(20).iter().map(String::as_str));
    runtime.close().unwrap();
    let runtime = open(folder.path(), limits());
    assert_eq!(blocks(&runtime)[0], 0);
    runtime.erase("ann").unwrap();
    let check = |runtime: &Runtime, left: usize| {
        assert!(texts(runtime, "one").iter().all(Option::is_none));
        assert_eq!(texts(runtime, "two"), resent(20).into_iter().map(Some).collect::<Vec<_>>());
        assert_eq!(found(runtime, says("kettle")).len(), left);
        holds(runtime);
    };
    check(&runtime, 20);
    // What follows is merged with what was hers.
    record(&runtime, "three", "ben", resent(20).iter().map(String::as_str));
    runtime.close().unwrap();
    let runtime = open(folder.path(), limits());
    assert_eq!(blocks(&runtime)[0], 0);
    check(&runtime, 40);
}
