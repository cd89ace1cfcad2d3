//! A device's byte stream: enrolled, read, verified; changed bytes refused, a cut stream kept.

use std::fs;
use std::path::{Path, PathBuf};

use activemirror_core::log::block::{BlockBuilder, Buffers, Position};
use activemirror_core::log::checkpoint::Checkpoint;
use activemirror_core::log::codec::Codec;
use activemirror_core::log::stream::{self, Frame};
use activemirror_core::log::tree::Frontier;
use activemirror_core::many::Many;
use activemirror_core::time::Timestamp;
use activemirror_core::trace::{
    Body, Content, ControlState, Finding, Kind, Notice, Outcome, Record, Severity, Structure, SubjectRef,
    USER, Verdict,
};
use activemirror_core::value::{Leaf, Value};
use activemirror_core::vault::{Key, KeyRing, KeyTree, SubjectKey};

use crate::place::Place;

/// The root key of the device, and its file's text.
const ROOT: [u8; 32] = [0x2a; 32];
const ROOT_FILE: &str = "activemirror device key 1\nKioqKioqKioqKioqKioqKioqKioqKioqKioqKioqKio=\n";

struct Device {
    tree: KeyTree,
    subject: SubjectRef,
    key: SubjectKey,
}

impl KeyRing for Device {
    fn structure(&self) -> &Key {
        self.tree.structure()
    }

    fn subject(&self, subject: SubjectRef) -> Option<&SubjectKey> {
        (subject == self.subject).then_some(&self.key)
    }
}

impl Device {
    fn new() -> Self {
        let tree = KeyTree::new(&Key::new(ROOT));
        Self { subject: tree.subject_ref("operator"), key: SubjectKey::new([5; 32]), tree }
    }
}

/// A stream of three blocks of one mission, and where each frame ends.
fn stream() -> (Vec<u8>, Vec<usize>) {
    let subject = Device::new().subject;
    stream_of(&[records(0, subject), records(1, subject), records(2, subject)])
}

/// A stream of a block for each list of records, and where each frame ends.
fn stream_of(blocks: &[Vec<Record<'_>>]) -> (Vec<u8>, Vec<usize>) {
    let device = Device::new();
    let log = device.tree.log_id();
    let (mut bytes, mut ends, mut headers) = (Vec::new(), Vec::new(), Frontier::new());
    let mut send = |frame: &Frame<'_>| {
        stream::write(frame, &mut bytes).unwrap();
        ends.push(bytes.len());
    };
    send(&Frame::Hello { version: stream::VERSION, public_key: device.tree.public_key() });
    let wrapped = device.tree.wrap(device.subject, &device.key, &[1; 24]);
    send(&Frame::Key { subject: device.subject, wrapped: &wrapped });
    let mut builder: BlockBuilder<Vec<u8>, 1> =
        BlockBuilder::new(Position { log, block: 0, first: 0 }, Buffers::default());
    for (block, records) in (0..).zip(blocks) {
        for record in records {
            builder.push(record, &device).unwrap();
        }
        let (mut stored, mut salt) = (Vec::new(), [block + 10; 24]);
        let salts = || {
            salt[23] += 1;
            salt
        };
        let header = builder.finish(Codec::Rows, &device, salts, &mut stored).unwrap().unwrap();
        headers.push(header.leaf_hash());
        send(&Frame::Block { header: &header.to_bytes(), stored: &stored });
    }
    let head = Checkpoint { log, size: headers.size(), root: headers.root() }.sign(device.tree.signing());
    send(&Frame::Checkpoint { note: &head });
    (bytes, ends)
}

fn records(block: u8, subject: SubjectRef) -> Vec<Record<'static>> {
    let structure = |kind| Structure {
        trace: Some("mission-1"),
        agent: Some("corridor-robot"),
        session: Some("boot-1"),
        ..Structure::new(kind, Timestamp::from_millis(1_000 + i64::from(block)), subject)
    };
    let text = ["distance 812 mm", "call me at +1 212 555 0147", "distance 640 mm"][usize::from(block)];
    let seen = Body::Event(Content { text: Some(text), ..Content::default() });
    let user = Leaf { path: USER, value: Value::Text("operator") };
    let start = Body::TraceStart(Content::of(vec![user]));
    let start = Record { structure: structure(Kind::TraceStart), body: start };
    let seen = Record { structure: structure(Kind::Observation), body: seen };
    if block == 0 { vec![start, seen] } else { vec![seen] }
}

/// A place that has enrolled the device.
fn enrolled() -> Place {
    let place = Place::new();
    let root = root_file(&place);
    let out = place.good(&["device", "add", root.to_str().unwrap()]);
    assert!(out.contains("enrolled"), "{out}");
    place
}

fn root_file(place: &Place) -> PathBuf {
    let path = place.file("robot.key", ROOT_FILE);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    }
    path
}

/// Writes the stream to a file, and gives the arguments that read it.
fn import<'f>(bytes: &[u8], file: &'f Path) -> [&'f str; 4] {
    fs::write(file, bytes).unwrap();
    ["import", "--format", "blocks", file.to_str().unwrap()]
}

#[test]
fn a_robots_trace_is_read_shown_and_verified() {
    let (place, (bytes, _)) = (enrolled(), stream());
    let file = place.path("serial.bin");
    let brought = &place.json(&import(&bytes, &file))[0];
    assert_eq!(
        (&brought["blocks"], &brought["records"], &brought["covered"]),
        (&3.into(), &4.into(), &3.into())
    );
    assert_eq!(brought["unmarked"], 1, "the phone number that the device did not mark: {brought}");
    let findings = place.json(&["findings", "--control", "personal-data/unmarked"]);
    assert!(findings[0]["message"].as_str().unwrap().contains("phone"), "{findings:?}");
    let exported = &place.json(&["export", "mission-1"])[0]["findings"];
    assert_eq!(exported.as_array().map(Vec::len), Some(1), "the trace has what was found in it: {exported}");
    let shown = place.good(&["show", "mission-1"]);
    assert!(shown.contains("corridor-robot") && shown.contains("distance 812 mm"), "{shown}");
    let report = place.json(&["verify"]);
    assert_eq!(
        (&report[1]["holds"], &report[1]["own"], &report[1]["covered"]),
        (&true.into(), &false.into(), &3.into())
    );
    let again = &place.json(&["import", file.to_str().unwrap()])[0];
    assert_eq!((&again["blocks"], &again["known"]), (&0.into(), &3.into()), "a stream is known for one");
}

#[test]
fn a_device_that_is_not_enrolled() {
    let (place, (bytes, _)) = (Place::new(), stream());
    let file = place.path("serial.bin");
    place.bad(&import(&bytes, &file), 2, &["not enrolled", "device add"]);
}

#[test]
fn a_changed_byte_is_refused_and_what_came_before_is_kept() {
    let (bytes, ends) = stream();
    for (frame, kept) in [(2, 0), (3, 1), (4, 2), (5, 3)] {
        let place = enrolled();
        let middle = (ends[frame - 1] + ends[frame]) / 2;
        let mut changed = bytes.clone();
        changed[middle] = if changed[middle] == 7 { 8 } else { 7 };
        let file = place.path("serial.bin");
        let said = format!("{kept} new blocks before it are stored");
        place.bad(&import(&changed, &file), 2, &["at byte", &said]);
        assert_eq!(place.json(&["verify"])[1]["blocks"], kept);
    }
}

#[test]
fn a_cut_stream_keeps_its_whole_blocks() {
    let (bytes, ends) = stream();
    for (frame, kept) in [(2, 0), (3, 1), (4, 2), (5, 3)] {
        let place = enrolled();
        let cut = ends[frame] - 3;
        let file = place.path("serial.bin");
        let brought = &place.json(&import(&bytes[..cut], &file))[0];
        assert_eq!((&brought["blocks"], &brought["cut"]), (&kept.into(), &true.into()));
        assert_eq!(place.json(&["verify"])[1]["holds"], true);
        let rest = &place.json(&import(&bytes, &file))[0];
        assert_eq!(
            (&rest["blocks"], &rest["covered"]),
            (&(3 - kept).into(), &3.into()),
            "the rest comes later"
        );
    }
}

#[test]
fn a_person_whom_only_a_device_knows_is_erased() {
    let (place, (bytes, _)) = (enrolled(), stream());
    let file = place.path("serial.bin");
    place.json(&import(&bytes, &file));
    assert_eq!(place.json(&["vault", "subject"])[0]["subject"], "operator");
    assert_eq!(place.json(&["vault", "erase", "--subject", "operator", "--yes"])[0]["blocks"], 4);
    let shown = place.good(&["show", "mission-1"]);
    assert!(!shown.contains("distance") && !shown.contains("555"), "{shown}");
    assert_eq!(place.json(&["vault", "subject"]).len(), 0);
    assert_eq!(place.json(&["verify"])[1]["holds"], true);
    place.bad(&["vault", "erase", "--subject", "operator", "--yes"], 2, &["operator"]);
}

#[test]
fn a_device_that_does_not_know_of_an_erasure_goes_on() {
    let (place, (bytes, ends)) = (enrolled(), stream());
    let file = place.path("serial.bin");
    place.json(&import(&bytes[..ends[2]], &file));
    place.good(&["vault", "erase", "--subject", "operator", "--yes"]);
    let rest = &place.json(&import(&bytes, &file))[0];
    assert_eq!((&rest["blocks"], &rest["known"], &rest["covered"]), (&2.into(), &1.into(), &3.into()));
    let shown = place.good(&["show", "mission-1"]);
    assert!(!shown.contains("distance") && !shown.contains("555"), "{shown}");
    let report = &place.json(&["verify"])[1];
    assert_eq!((&report["holds"], &report["erased"]), (&true.into(), &4.into()));
    assert_eq!(place.json(&["vault", "subject"]).len(), 0);
}

#[test]
fn a_trace_that_no_json_can_say_keeps_no_other_from_being_exported() {
    let place = enrolled();
    let two = place.file("two.jsonl", crate::place::two_traces());
    place.good(&["--no-plugins", "import", two.to_str().unwrap()]);
    let mut never = records(0, Device::new().subject);
    for record in &mut never {
        record.structure.time = Timestamp::from_millis(i64::MAX);
    }
    let (bytes, _) = stream_of(&[never]);
    let file = place.path("serial.bin");
    place.good(&import(&bytes, &file));
    let ran = place.bad(&["export"], 3, &["1 of 3 traces", "mission-1", "is no time"]);
    let exported: Vec<&str> = ran.out.lines().collect();
    assert_eq!(exported.len(), 2, "{exported:?}");
    assert!(exported.iter().all(|line| line.contains("kettle") || line.contains("lamp")));
    assert!(place.good(&["show", "mission-1"]).contains("distance 812 mm"));
}

#[test]
fn a_row_that_no_table_can_hold_keeps_no_other_from_being_exported() {
    let place = enrolled();
    let mut never = records(0, Device::new().subject);
    never[1].structure.time = Timestamp::from_millis(i64::MAX);
    let (bytes, _) = stream_of(&[never, records(2, Device::new().subject)]);
    let file = place.path("serial.bin");
    place.good(&import(&bytes, &file));
    for format in ["csv", "jsonl", "parquet"] {
        let to = place.path("table");
        let export = ["export", "--format", format, "-o", to.to_str().unwrap()];
        place.bad(&export, 3, &["1 rows cannot be written", "mission-1", "is no time"]);
        let written = fs::read(&to).unwrap();
        assert!(written.windows(15).any(|text| text == b"distance 640 mm"), "{format}");
    }
}

#[test]
fn two_traces_of_one_id_are_each_exported_once() {
    let (place, (bytes, _)) = (enrolled(), stream());
    let own = place.file("own.jsonl", crate::place::trace("mission-1", "ann", "the kettle leaks"));
    place.good(&["--no-plugins", "import", own.to_str().unwrap()]);
    let file = place.path("serial.bin");
    place.good(&[&["--no-plugins"], &import(&bytes, &file)[..]].concat());
    for export in [&["export"][..], &["export", "mission-1"]] {
        let traces = place.json(export);
        let agents: Vec<_> = traces.iter().map(|trace| trace["agent_id"].as_str().unwrap()).collect();
        assert_eq!(agents.len(), 2, "{agents:?}");
        assert!(agents.contains(&"support-bot") && agents.contains(&"corridor-robot"), "{agents:?}");
        let counts: usize = traces.iter().map(|trace| trace["events"].as_array().unwrap().len()).sum();
        assert_eq!(counts, 3 + 3, "each has its own events");
    }
    let rows = place.good(&["export", "--format", "csv", "mission-1"]);
    let of = |user: &str| rows.lines().filter(|line| line.contains(user)).count();
    assert_eq!((of("\"ann\""), of("\"operator\"")), (3, 3), "{rows}");
}

/// How many findings of unmarked personal data there are.
fn unmarked(place: &Place) -> usize {
    place.json(&["findings", "--control", "personal-data/unmarked"]).len()
}

#[test]
fn what_no_policy_looked_at_is_looked_at_by_the_next_import() {
    let (place, (bytes, ends)) = (enrolled(), stream());
    let file = place.path("serial.bin");
    let ungoverned = [&["--no-plugins"], &import(&bytes[..ends[3]], &file)[..]].concat();
    assert_eq!(place.json(&ungoverned)[0]["blocks"], 2);
    assert_eq!(unmarked(&place), 0);
    let again = &place.json(&import(&bytes[..ends[3]], &file))[0];
    assert_eq!((&again["blocks"], &again["unmarked"]), (&0.into(), &1.into()));
    let rest = &place.json(&import(&bytes, &file))[0];
    assert_eq!((&rest["blocks"], &rest["unmarked"]), (&1.into(), &0.into()), "nothing is found twice");
    assert_eq!(unmarked(&place), 1);
}

#[test]
fn another_log_with_a_trace_of_the_same_id_hides_nothing() {
    let (place, (bytes, _)) = (enrolled(), stream());
    let own = place.file("own.jsonl", crate::place::trace("mission-1", "ann", "the kettle leaks"));
    place.good(&["import", own.to_str().unwrap()]);
    let file = place.path("serial.bin");
    assert_eq!(place.json(&import(&bytes, &file))[0]["unmarked"], 1);
}

#[test]
fn nobody_is_looked_at_after_their_erasure() {
    let (place, (bytes, _)) = (enrolled(), stream());
    let file = place.path("serial.bin");
    place.json(&[&["--no-plugins"], &import(&bytes, &file)[..]].concat());
    place.good(&["vault", "erase", "--subject", "operator", "--yes"]);
    assert_eq!(place.json(&import(&bytes, &file))[0]["unmarked"], 0);
    assert_eq!(place.json(&["verify"])[1]["holds"], true);
}

/// Every number that the host may have given to a plugin, claimed by a device for its own; and a
/// verdict and a finding by each.
fn claims() -> Vec<Record<'static>> {
    let subject = Device::new().subject;
    let structure = |kind, trace| Structure {
        trace: Some(trace),
        ..Structure::new(kind, Timestamp::from_millis(1_000), subject)
    };
    let notice = |number| Notice::Plugin {
        number,
        world: "policy",
        name: "impostor",
        version: "6.6.6",
        sha256: [6; 32],
        config: [6; 32],
    };
    let verdict = |plugin| Verdict { back: 2, plugin, outcome: Outcome::Deny, fuel: 1, reason: None };
    let finding = |plugin| Finding {
        plugin,
        control: "GDPR-5.1.c",
        state: ControlState::Satisfied,
        severity: Severity::Info,
        message: "all is well",
        evidence: Many::default(),
    };
    let mut records = records(0, subject);
    for number in 1..6 {
        let (seen, runtime) = ("mission-1", "activemirror/runtime");
        let body = |kind, trace, body| Record { structure: structure(kind, trace), body };
        records.extend([
            body(Kind::Observation, seen, Body::Event(Content::default())),
            body(Kind::Notice, runtime, Body::Notice(notice(number))),
            body(Kind::Verdict, seen, Body::Verdict(verdict(number))),
            body(Kind::Finding, seen, Body::Finding(finding(number))),
        ]);
    }
    records
}

#[test]
fn a_device_does_not_speak_in_the_name_of_the_hosts_plugins() {
    let place = enrolled();
    let (bytes, _) = stream_of(&[claims()]);
    let (file, own) = (place.path("serial.bin"), crate::place::two_traces());
    // Once before the host knows a plugin, and again when it knows them all.
    place.good(&import(&bytes, &file));
    let own = place.file("own.jsonl", own);
    place.good(&["import", own.to_str().unwrap()]);
    place.good(&import(&bytes, &file));
    let names = |trace: &str, list: &str| -> Vec<String> {
        let exported = place.json(&["export", trace])[0][list].clone();
        let listed = exported.as_array().into_iter().flatten();
        listed.map(|of| of["plugin"].as_str().unwrap().to_owned()).collect()
    };
    let own: Vec<String> = ["trace-one", "trace-two"].iter().flat_map(|id| names(id, "verdicts")).collect();
    assert!(own.iter().any(|name| name.starts_with("pii@")), "{own:?}");
    assert!(!own.iter().any(|name| name.contains("impostor") || name.contains("device")), "{own:?}");
    let claimed = [names("mission-1", "verdicts"), names("mission-1", "findings")].concat();
    assert!(
        claimed.len() >= 10 && claimed.iter().all(|name| name.contains("a device's plugin")),
        "{claimed:?}"
    );
    for finding in place.json(&["findings"]) {
        let forged = finding["message"] == "all is well";
        assert_eq!(forged, finding["plugin"].as_str().unwrap().contains("device"), "{finding}");
    }
}
