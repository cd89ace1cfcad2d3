//! The device key and the data directory: clear errors, never an empty store.

use std::fs;
use std::path::Path;

use activemirror::{Options, Runtime};

use crate::place::{Place, Ran, trace};

#[test]
fn a_missing_key() {
    let place = Place::with_two_traces();
    fs::remove_file(place.key_file()).unwrap();
    place.bad(&["traces"], 3, &["device key", "missing", "--key-file"]);
    assert!(!place.key_file().exists(), "no new key takes its place");
}

#[cfg(unix)]
#[test]
fn a_key_that_others_may_read() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::with_two_traces();
    let mode = fs::metadata(place.key_file()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "that is how it is made");
    fs::set_permissions(place.key_file(), fs::Permissions::from_mode(0o644)).unwrap();
    place.bad(&["traces"], 3, &["others may read", "chmod 600"]);
}

#[test]
fn another_devices_key() {
    let (place, other) = (Place::with_two_traces(), Place::with_two_traces());
    fs::copy(other.key_file(), place.key_file()).unwrap();
    place.bad(&["traces"], 3, &["another device key"]);
    place.bad(&["import", "/nowhere"], 3, &["another device key"]);
}

#[test]
fn a_file_that_is_no_key() {
    let place = Place::with_two_traces();
    fs::write(place.key_file(), "activemirror device key 1\nshort\n").unwrap();
    place.bad(&["traces"], 3, &["not a device key"]);
}

#[test]
fn a_key_in_the_data_directory() {
    let place = Place::new();
    fs::create_dir_all(place.data()).unwrap();
    let inside = place.data().join("device.key");
    let ran = place.run(&["--key-file", inside.to_str().unwrap(), "traces"]);
    // The flag is given twice, and the last one counts or is refused; either way no key is made inside.
    assert_ne!(ran.status, 0, "{ran:?}");
    assert!(!inside.exists());
}

#[cfg(unix)]
#[test]
fn a_key_whose_link_leads_into_the_data_directory() {
    let place = Place::with_two_traces();
    let inside = place.data().join("real.key");
    fs::rename(place.key_file(), &inside).unwrap();
    std::os::unix::fs::symlink(&inside, place.key_file()).unwrap();
    place.bad(&["traces"], 3, &["lies in the data directory"]);
}

#[test]
fn a_copied_data_directory_stays_closed() {
    let (place, thief) = (Place::with_two_traces(), Place::new());
    fs::create_dir_all(thief.data()).unwrap();
    for file in ["log.redb", "subjects.keys"] {
        fs::copy(place.data().join(file), thief.data().join(file)).unwrap();
    }
    thief.bad(&["traces"], 3, &["device key", "missing"]);
}

/// Whoever comes first makes the key and the store; the others use them, or are told who does.
#[test]
fn many_processes_begin_at_once() {
    use std::process::Stdio;
    for _ in 0..5 {
        let place = Place::new();
        let begin = |number: usize| {
            let title = format!("begun by {number}");
            let mut command = place.command(&["--no-plugins", "session", "new", "--title", &title]);
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
        };
        let children: Vec<_> = (0..8).map(begin).collect();
        let ran = children.into_iter().map(|child| Ran::from(child.wait_with_output().unwrap()));
        let (began, refused): (Vec<_>, Vec<_>) = ran.partition(|ran| ran.status == 0);
        assert!(refused.iter().all(|ran| ran.status == 3 && ran.err.contains("in use")), "{refused:?}");
        assert!(!began.is_empty());
        assert_eq!(place.json(&["session", "list"]).len(), began.len());
        assert_eq!(place.json(&["verify"])[0]["holds"], true);
    }
}

#[test]
fn a_directory_that_another_process_holds() {
    let place = Place::with_two_traces();
    let options = Options { data: place.data(), key_file: place.key_file(), ..Options::default() };
    let held = Runtime::open(options).unwrap();
    let who = format!("process {}", std::process::id());
    place.bad(&["traces"], 3, &["in use by", &who]);
    drop(held);
    assert_eq!(place.json(&["traces"]).len(), 2, "nothing was damaged");
}

#[test]
fn a_data_directory_that_is_a_file() {
    let place = Place::new();
    fs::write(place.data(), "not a folder").unwrap();
    place.bad(&["traces"], 3, &["data directory"]);
}

#[test]
fn a_store_whose_subjects_keys_are_gone() {
    let place = Place::with_two_traces();
    fs::remove_file(place.data().join("subjects.keys")).unwrap();
    place.bad(&["traces"], 3, &["subject keys"]);
}

#[test]
fn an_older_copy_that_is_put_back_is_told_from_one_that_never_went_on() {
    let place = Place::with_two_traces();
    let (data, copy) = (place.data(), place.path("copy"));
    copy_folder(&data, &copy);
    let file = place.file("more.jsonl", trace("more", "zoe", "one more"));
    place.good(&["--no-plugins", "import", file.to_str().unwrap()]);
    let newest = place.path("newest");
    fs::rename(&data, &newest).unwrap();
    copy_folder(&copy, &data);
    place.bad(&["verify"], 1, &["older copy", "device.key.seen"]);
    for command in [&["traces"][..], &["session", "new"]] {
        place.bad(command, 3, &["older copy", "device.key.seen"]);
    }
    fs::remove_dir_all(&data).unwrap();
    place.bad(&["traces"], 3, &["device.key.seen"]);
    fs::remove_dir_all(&data).unwrap();
    fs::rename(&newest, &data).unwrap();
    place.good(&["verify"]);
}

#[test]
fn a_note_of_what_was_seen_that_makes_no_sense_is_named() {
    let place = Place::with_two_traces();
    let folder = place.path("keys/device.key.seen");
    let note = fs::read_dir(&folder).unwrap().next().unwrap().unwrap().path();
    fs::write(&note, "nonsense").unwrap();
    place.bad(&["verify"], 3, &[note.to_str().unwrap(), "remove it"]);
    fs::write(&note, "").unwrap();
    place.good(&["verify"]);
}

pub(crate) fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for file in fs::read_dir(from).unwrap().map(Result::unwrap).filter(|file| file.path().is_file()) {
        fs::copy(file.path(), to.join(file.file_name())).unwrap();
    }
}
