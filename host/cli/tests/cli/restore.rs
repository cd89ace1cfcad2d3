//! Going on from an older copy, or from a second one, on purpose.

use std::fs;
use std::path::Path;

use crate::keys::copy_folder;
use crate::place::{Place, trace};

/// A place that went on after a copy was made, with the copy put in its place. The newest data lies
/// in `newest`, and the copy in `copy` as well.
fn put_back() -> Place {
    let place = Place::with_two_traces();
    let (data, copy) = (place.data(), place.path("copy"));
    copy_folder(&data, &copy);
    record(&place, "lost", "zoe");
    fs::rename(&data, place.path("newest")).unwrap();
    copy_folder(&copy, &data);
    place
}

fn record(place: &Place, id: &str, user: &str) {
    let file = place.file(&format!("{id}.jsonl"), trace(id, user, "one more"));
    place.good(&["--no-plugins", "import", file.to_str().unwrap()]);
}

/// Puts a folder in the place of the data.
fn put(place: &Place, folder: &Path) {
    fs::remove_dir_all(place.data()).unwrap();
    copy_folder(folder, &place.data());
}

#[test]
fn an_older_copy_goes_on_in_a_log_of_its_own() {
    let place = put_back();
    place.bad(&["traces"], 3, &["older copy", "activemirror vault restore"]);
    place.bad(&["vault", "restore"], 2, &["--yes"]);
    place.bad(&["traces"], 3, &["older copy"]);
    let restored = &place.json(&["vault", "restore", "--yes"])[0];
    assert_eq!((&restored["blocks"], &restored["gone"][0]["seen"]), (&1.into(), &2.into()));
    assert_ne!(restored["log"], restored["parent"]);
    assert_eq!(place.json(&["traces"]).len(), 2);
    record(&place, "after", "ann");
    let verified = place.json(&["verify"]);
    assert_eq!(verified[0]["log"], restored["log"]);
    assert_eq!(verified[0]["parent"]["log"], restored["parent"]);
    assert_eq!(verified[0]["parent"]["reason"], "restored");
    assert_eq!((&verified[0]["holds"], &verified[1]["holds"]), (&true.into(), &true.into()));
    assert_eq!(place.json(&["traces"]).len(), 3);
    assert!(place.good(&["verify"]).contains("goes on from 1 blocks"));
}

#[test]
fn a_third_copy_is_refused_again() {
    let place = put_back();
    let oldest = place.path("oldest");
    copy_folder(&place.path("copy"), &oldest);
    place.good(&["vault", "restore", "--yes"]);
    let restored = place.path("restored");
    copy_folder(&place.data(), &restored);
    record(&place, "after", "ann");
    for copy in ["oldest", "newest", "restored"] {
        put(&place, &place.path(copy));
        place.bad(&["traces"], 3, &["older copy", "activemirror vault restore"]);
        place.bad(&["verify"], 1, &["older copy"]);
    }
    // Any of them can be gone on from, if that is what is wanted.
    place.good(&["vault", "restore", "--yes"]);
    let logs = place.json(&["verify"]);
    assert_eq!(logs.len(), 3);
    assert!(logs.iter().all(|log| log["holds"] == true));
}

#[test]
fn a_second_copy_elsewhere_goes_on_beside_the_first() {
    let (place, other) = (Place::with_two_traces(), Place::new());
    copy_folder(&place.data(), &other.data());
    fs::create_dir_all(other.path("keys")).unwrap();
    fs::copy(place.key_file(), other.key_file()).unwrap();
    other.good(&["vault", "restore", "--yes"]);
    record(&place, "here", "ann");
    record(&other, "there", "ann");
    for place in [&place, &other] {
        assert!(place.json(&["verify"]).iter().all(|log| log["holds"] == true));
        assert_eq!(place.json(&["traces"]).len(), 3);
    }
    // What the two have in common is the log that both go on from.
    put(&place, &other.data());
    place.bad(&["traces"], 3, &["older copy"]);
}

/// Power was lost once the later log was there, and before all notes of what was seen fitted it.
#[test]
fn a_restore_that_was_cut_short_can_be_done_again() {
    for first_note_written in [false, true] {
        let place = put_back();
        let (seen, before) = (place.path("keys/device.key.seen"), place.path("seen-before"));
        copy_folder(&seen, &before);
        let restored = &place.json(&["vault", "restore", "--yes"])[0];
        let note = fs::read(seen.join(restored["log"].as_str().unwrap())).unwrap();
        fs::remove_dir_all(&seen).unwrap();
        copy_folder(&before, &seen);
        if first_note_written {
            fs::write(seen.join(restored["log"].as_str().unwrap()), note).unwrap();
            put(&place, &place.path("newest"));
            place.bad(&["traces"], 3, &["older copy"]);
            continue;
        }
        place.bad(&["traces"], 3, &["older copy"]);
        let again = &place.json(&["vault", "restore", "--yes"])[0];
        assert_eq!(again["parent"], restored["log"]);
        assert_eq!(place.json(&["traces"]).len(), 2);
        let logs = place.json(&["verify"]);
        assert_eq!(logs.iter().filter(|log| log["holds"] == true).count(), 3);
    }
}

#[test]
fn a_conversation_goes_on_over_a_restore() {
    let place = Place::new();
    let id = place.json(&["session", "new", "--title", "kettle", "--user", "ann"])[0]["session_id"].clone();
    let id = id.as_str().unwrap();
    place.good(&["session", "send", id, "my mail is ann@example.org"]);
    let copy = place.path("copy");
    copy_folder(&place.data(), &copy);
    place.good(&["session", "send", id, "this will be lost"]);
    put(&place, &copy);
    place.good(&["vault", "restore", "--yes"]);
    place.good(&["session", "send", id, "and his is ben@example.org"]);
    let shown = place.good(&["session", "show", id]);
    assert!(shown.contains("my mail is") && shown.contains("and his is"), "{shown}");
    assert!(!shown.contains("lost") && !shown.contains("ann@") && !shown.contains("ben@"), "{shown}");
    let revealed = place.good(&["session", "show", id, "--reveal"]);
    assert!(revealed.contains("ann@example.org") && revealed.contains("ben@example.org"), "{revealed}");
    let trace = &place.json(&["export", id])[0];
    let policies: Vec<&str> =
        trace["verdicts"].as_array().unwrap().iter().map(|it| it["plugin"].as_str().unwrap()).collect();
    assert!(policies.iter().all(|policy| policy.contains('@')), "each number has its name: {policies:?}");
    place.good(&["vault", "erase", "--subject", "ann", "--yes"]);
    let gone = place.run(&["session", "show", id]);
    assert!(!gone.out.contains("my mail is") && !gone.out.contains("and his is"), "{gone:?}");
    assert!(place.json(&["verify"]).iter().all(|log| log["holds"] == true));
}

#[test]
fn a_damaged_copy_is_not_gone_on_from() {
    let place = put_back();
    let path = place.data().join("log.redb");
    let mut bytes = fs::read(&path).unwrap();
    let header = bytes.windows(8).rposition(|window| window == b"AMBLOCK1").unwrap();
    bytes[header + 90] ^= 1;
    fs::write(&path, bytes).unwrap();
    let ran = place.run(&["vault", "restore", "--yes"]);
    assert!(ran.status == 1 && ran.err.contains("activemirror repair"), "{ran:?}");
}
