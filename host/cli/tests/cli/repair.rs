//! `repair`: a damaged data directory, and what is saved of it.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::place::{Place, Ran, trace};
use crate::retention::with_five_blocks;

/// A place with several traces, each in a block of its own.
fn filled() -> Place {
    let place = Place::new();
    for (id, user) in [("one", "ann"), ("two", "ben"), ("three", "ann")] {
        let file = place.file(&format!("{id}.jsonl"), trace(id, user, "the blue kettle leaks"));
        place.good(&["--no-plugins", "import", file.to_str().unwrap()]);
    }
    place
}

/// Changes the log's file.
fn damage(place: &Place, change: impl FnOnce(&mut Vec<u8>)) {
    let path = place.data().join("log.redb");
    let mut bytes = fs::read(&path).unwrap();
    change(&mut bytes);
    fs::write(path, bytes).unwrap();
}

/// What the command says of the data directory that was made.
#[track_caller]
fn at_new(place: &Place, arguments: &[&str], new: &str) -> Vec<serde_json::Value> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_activemirror"));
    command.args(["--json", "--data", new, "--key-file"]).arg(place.key_file()).args(arguments);
    let ran = Ran::from(command.output().unwrap());
    assert_eq!(ran.status, 0, "{arguments:?}: {ran:?}");
    ran.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn a_store_that_does_not_open_is_saved_whole() {
    let place = filled();
    damage(&place, |bytes| bytes[..320].fill(0));
    place.bad(&["traces"], 3, &["activemirror repair"]);
    let new = place.path("new");
    let new = new.to_str().unwrap();
    let out = place.json(&["repair", "--into", new]);
    let [log, all] = &*out else { panic!("{out:?}") };
    assert_eq!((&log["blocks"], &log["gone"]), (&3.into(), &serde_json::json!([])));
    assert_eq!((&all["whole"], &all["carved"]), (&true.into(), &true.into()));
    fs::rename(place.data(), place.path("damaged")).unwrap();
    fs::rename(new, place.data()).unwrap();
    assert_eq!(place.json(&["traces"]).len(), 3);
    let verified = place.json(&["verify"]);
    assert!(verified.iter().all(|log| log["holds"] == true));
    assert_eq!(verified[0]["parent"]["reason"], "repaired");
    place.good(&["vault", "erase", "--subject", "ann", "--yes"]);
    assert!(place.json(&["verify"]).iter().all(|log| log["holds"] == true));
}

#[test]
fn what_is_gone_is_listed_and_the_rest_goes_on() {
    let place = filled();
    // Somewhere in the sealed part of each stored form of the second block.
    let header = |bytes: &[u8], block: u64| {
        let is_it = |window: &[u8]| window.starts_with(b"AMBLOCK1") && window[40..48] == block.to_le_bytes();
        bytes.windows(48).rposition(is_it).unwrap()
    };
    let path = place.data().join("log.redb");
    let bytes = fs::read(&path).unwrap();
    let at = header(&bytes, 1);
    damage(&place, |bytes| bytes[at + 90] ^= 1);
    let ran = place.run(&["verify"]);
    assert_eq!(ran.status, 1, "{ran:?}");
    assert!(ran.err.contains("activemirror repair"), "{ran:?}");
    let new = place.path("new");
    let new = new.to_str().unwrap();
    // One bit of a header is put right by its block.
    let said = place.good(&["repair", "--into", new]);
    assert!(said.contains("3 blocks") && said.contains("goes on in"), "{said}");
    assert_eq!(at_new(&place, &["traces"], new).len(), 3);
    place.bad(&["repair", "--into", new], 3, &["not empty"]);
    // All of it cannot be.
    damage(&place, |bytes| {
        while let Some(at) = bytes.windows(48).position(|it| it.starts_with(b"AMBLOCK1") && it[40] == 1) {
            bytes[at..at + 112].fill(0);
        }
    });
    let newer = place.path("newer");
    let newer = newer.to_str().unwrap();
    let ran = place.run(&["repair", "--into", newer]);
    assert_eq!(ran.status, 1, "{ran:?}");
    assert!(ran.out.contains("blocks 1 to 1: gone") && ran.err.contains("not everything"), "{ran:?}");
    let verified = at_new(&place, &["verify"], newer);
    assert!(verified.iter().all(|log| log["holds"] == true), "{verified:?}");
    assert_eq!(verified[1]["lost"], 1);
    assert_eq!(at_new(&place, &["traces"], newer).len(), 2);
    assert_eq!(at_new(&place, &["findings"], newer).len(), 0);
    assert_eq!(at_new(&place, &["export"], newer).len(), 2);
}

/// Blocks by tier, as a repair says it.
fn tiers(log: &serde_json::Value) -> [u64; 4] {
    [0, 1, 2, 3].map(|tier: usize| log["tiers"][tier]["blocks"].as_u64().unwrap())
}

#[test]
fn what_retention_moved_is_saved_with_its_rules_and_holds() {
    let (place, cold) = with_five_blocks();
    let cold = cold.to_str().unwrap();
    let before = place.good(&["export"]);
    place.good(&["retention", "set", "--cold", cold, "--cold-after", "0d"]);
    place.good(&["retention", "run"]);
    let file = place.file("six.jsonl", trace("six", "emil", "the red kettle leaks"));
    place.good(&["--no-plugins", "import", file.to_str().unwrap()]);
    place.good(&["retention", "hold", "case-7", "--trace", "six", "--reason", "a letter"]);
    let with_six = place.good(&["export"]);
    assert!(with_six.len() > before.len());
    damage(&place, |bytes| bytes[..320].fill(0));
    let new = place.path("new");
    let new = new.to_str().unwrap();
    let out = place.json(&["repair", "--into", new]);
    let all = out.last().unwrap();
    assert_eq!((&all["whole"], &all["cold_unreached"]), (&true.into(), &serde_json::Value::Null));
    assert_eq!((tiers(&out[0])[2], &out[0]["gone"]), (5, &serde_json::json!([])));
    let said = place.good(&["repair", "--into", &format!("{new}er")]);
    assert!(said.contains("5 in the cold store"), "{said}");
    fs::rename(place.data(), place.path("damaged")).unwrap();
    fs::rename(new, place.data()).unwrap();
    assert_eq!(place.good(&["export"]), with_six);
    assert!(place.json(&["verify"]).iter().all(|log| log["holds"] == true));
    let shown = &place.json(&["retention", "show"])[0];
    assert_eq!((&shown["holds"][0]["hold"], &shown["tiers"][2]["blocks"]), (&"case-7".into(), &5.into()));
    // It goes on: what is due by its rules moves, what is held stays, who is erased is gone from the cold store.
    place.good(&["vault", "erase", "--subject", "ann", "--yes"]);
    place.good(&["retention", "set", "--gone-after", "0d"]);
    place.good(&["retention", "run"]);
    assert_eq!(place.run(&["show", "six"]).status, 0);
    place.bad(&["show", "trace-1"], 2, &["went by retention"]);
    assert!(place.json(&["verify"]).iter().all(|log| log["holds"] == true));
    let parent = Path::new(cold).join(all["parent"].as_str().unwrap());
    assert!(!parent.exists() || files(&parent) == 0, "what the damaged store put there is swept");
    let again = place.path("again");
    let out = place.json(&["repair", "--into", again.to_str().unwrap()]);
    assert_eq!(out.last().unwrap()["whole"], true);
    assert!(tiers(&out[0])[3] >= 5, "{out:?}");
}

fn files(folder: &Path) -> usize {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.map(|path| if path.is_dir() { files(&path) } else { 1 }).sum()
}

#[test]
fn a_cold_store_that_cannot_be_reached_is_said() {
    let (place, cold) = with_five_blocks();
    place.good(&["retention", "set", "--cold", cold.to_str().unwrap(), "--cold-after", "0d"]);
    place.good(&["retention", "run"]);
    damage(&place, |bytes| bytes[..320].fill(0));
    fs::remove_dir_all(&cold).unwrap();
    let new = place.path("new");
    let ran = place.run(&["repair", "--into", new.to_str().unwrap()]);
    assert_eq!(ran.status, 1, "{ran:?}");
    assert!(ran.out.contains("blocks 0 to 4") && ran.out.contains("repair again"), "{ran:?}");
}

#[test]
fn there_is_nothing_to_repair() {
    let place = Place::new();
    let new = place.path("new");
    place.bad(&["repair", "--into", new.to_str().unwrap()], 3, &["no store"]);
    assert!(!new.exists());
    let place = filled();
    let inside = place.data().join("new");
    place.bad(&["repair", "--into", inside.to_str().unwrap()], 3, &["must not lie"]);
    fs::remove_file(place.key_file()).unwrap();
    let new = place.path("new");
    place.bad(&["repair", "--into", new.to_str().unwrap()], 3, &["device key", "missing"]);
}
