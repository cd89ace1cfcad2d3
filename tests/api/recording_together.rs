//! Events that are recorded together are ruled on as if they had come one by one.

use std::path::PathBuf;

use activemirror::document::Event;
use activemirror::{
    Config, Found, Grant, Options, Outcome, PluginFile, Recorder, Reveal, Ruled, Ruling, Runtime, Start,
};
use tempfile::TempDir;

/// A runtime that all built-in plugins govern.
struct Place {
    runtime: Runtime,
    _folder: TempDir,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (data, key_file) = (folder.path().join("data"), folder.path().join("keys/device.key"));
        let plugins = ["pii", "confirm-writes", "gdpr"].map(built_in).into();
        let runtime = Runtime::open(Options { data, key_file, plugins, ..Options::default() }).unwrap();
        Self { runtime, _folder: folder }
    }

    fn recorder(&self) -> Recorder {
        let start = Start { agent: "a".to_owned(), user: Some("ada".to_owned()), ..Start::default() };
        self.runtime.begin(start).unwrap()
    }

    /// What is shown of the conversation, and what was, each event as text.
    fn shown(&self, recorder: &Recorder) -> [Vec<String>; 2] {
        recorder.flush().unwrap();
        [Reveal::Masked, Reveal::Originals].map(|reveal| {
            let stored = self.runtime.read(recorder.trace(), reveal, "test").unwrap();
            let events = stored.document().trace.events.into_iter();
            // Times are those of the test.
            events.map(|event| format!("{:?} {:?} {:?}", event.text, event.action, event.leaves)).collect()
        })
    }
}

fn built_in(name: &str) -> PluginFile {
    let folder = std::env::var_os("ACTIVEMIRROR_PLUGINS").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../target/plugins"),
        PathBuf::from,
    );
    let path = folder.join(name).with_extension("wasm");
    let component = std::fs::read(&path)
        .unwrap_or_else(|error| panic!("{}: {error}; `cargo xtask plugins` builds it", path.display()));
    PluginFile { name: name.to_owned(), component, config: Config::default(), grant: Grant::PersonalData }
}

/// A conversation with something to mask, to drop, to ask for and to find.
fn conversation() -> Vec<Event> {
    vec![
        Event::observation("Hi, my e-mail address is mia@example.com. Please delete my account.").from_user(),
        Event::thought("She wants her account deleted."),
        Event::action("get_account").with("/parameters/email", "mia@example.com"),
        Event::observation("found")
            .from_tool()
            .with("/data/account_id", "acc_4410")
            .with("/data/phone", "+1 (212) 555-0142"),
        Event::output("Shall I delete the account acc_4410 of mia@example.com?"),
        Event::observation("No, wait. My card is 4111 1111 1111 1111, CVV 123.").from_user(),
        Event::decision("Delete it all the same.").intent("delete_account", 0.2),
        Event::action("delete_account").with("/parameters/account_id", "acc_4410"),
        Event::error("Error: not allowed"),
        Event::output("Shall I close the account acc_4410?"),
        Event::observation("Yes, please do.").from_user(),
        Event::action("close_account").with("/parameters/account_id", "acc_4410"),
        Event::output("Your account acc_4410 is closed; your phone is +1 (212) 555-0142."),
    ]
}

/// What became of an event, without numbers of the log.
#[derive(Debug, PartialEq)]
struct Told {
    outcome: Outcome,
    rulings: Vec<String>,
}

impl Told {
    fn of(ruled: &Ruled) -> Self {
        let ruling = |r: &Ruling| format!("{} {:?} {:?}", r.policy, r.outcome, r.reason);
        Self { outcome: ruled.outcome, rulings: ruled.rulings.iter().map(ruling).collect() }
    }
}

fn finding(found: &Found) -> String {
    format!("{} {:?} {}", found.finding.control, found.finding.state, found.finding.message)
}

/// What became of the conversation.
#[derive(Debug)]
struct Whole {
    told: Vec<Told>,
    found: Vec<String>,
    masked: Vec<String>,
    originals: Vec<String>,
}

/// The conversation, recorded in groups of so many events.
fn recorded(together: usize) -> Whole {
    let place = Place::new();
    let mut recorder = place.recorder();
    let mut ruled = Vec::new();
    for events in conversation().chunks(together) {
        ruled.extend(recorder.record_all(events.to_vec()).unwrap());
    }
    let [masked, originals] = place.shown(&recorder);
    let mut found: Vec<String> = ruled.iter().flat_map(|ruled| &ruled.findings).map(finding).collect();
    found.extend(recorder.end().unwrap().iter().map(finding));
    Whole { told: ruled.iter().map(Told::of).collect(), found, masked, originals }
}

#[test]
fn events_together_are_ruled_on_as_one_by_one() {
    let alone = recorded(1);
    for expected in [Outcome::Allow, Outcome::Mask, Outcome::Drop, Outcome::RequireApproval] {
        assert!(alone.told.iter().any(|told| told.outcome == expected), "{expected:?}: {:?}", alone.told);
    }
    assert!(!alone.found.is_empty());
    assert!(!alone.masked.concat().contains("mia@example.com"));
    assert!(alone.originals.concat().contains("mia@example.com"));
    for together in [2, 3, 7, 64] {
        let whole = recorded(together);
        assert_eq!(whole.told, alone.told, "{together} together");
        assert_eq!(whole.found, alone.found, "{together} together");
        assert_eq!(whole.originals, alone.originals, "{together} together");
        assert_eq!(whole.masked.len(), alone.masked.len());
    }
}

#[test]
fn findings_come_with_the_event_that_shows_them() {
    let place = Place::new();
    let mut recorder = place.recorder();
    let ruled = recorder.record_all(conversation()).unwrap();
    let sequences: Vec<u64> = ruled.iter().map(|ruled| ruled.sequence).collect();
    assert!(sequences.is_sorted());
    for (ruled, sequence) in ruled.iter().zip(&sequences) {
        for found in &ruled.findings {
            assert_eq!(found.finding.evidence.iter().max(), Some(sequence), "{found:?}");
        }
    }
}

#[test]
fn nothing_is_recorded_of_no_events() {
    let place = Place::new();
    let mut recorder = place.recorder();
    assert_eq!(recorder.record_all([]).unwrap(), []);
    assert_eq!(place.shown(&recorder)[0].len(), 0);
}
