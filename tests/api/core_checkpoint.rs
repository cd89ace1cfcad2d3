//! Checkpoints: C2SP notes that only the log's key signs, and that any change breaks.

use activemirror_core::log::LogId;
use activemirror_core::log::checkpoint::{Checkpoint, CheckpointError, open};
use activemirror_core::vault::{Key, KeyTree};

fn tree(root: u8) -> KeyTree {
    KeyTree::new(&Key::new([root; 32]))
}

fn note() -> (KeyTree, Checkpoint, String) {
    let tree = tree(1);
    let checkpoint = Checkpoint { log: tree.log_id(), size: 17, root: [5; 32] };
    let note = checkpoint.sign(tree.signing()).as_str().to_owned();
    (tree, checkpoint, note)
}

#[test]
fn it_has_the_form_of_the_standard() {
    let (tree, checkpoint, note) = note();
    let lines: Vec<&str> = note.split('\n').collect();
    assert_eq!(lines[0], format!("activemirror/{}", tree.log_id()));
    assert_eq!(lines[1], "17");
    assert_eq!(lines[2], "BQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQU=");
    assert_eq!(lines[3], "");
    assert!(lines[4].starts_with(&format!("— {} ", lines[0])));
    assert_eq!(open(&note, checkpoint.log, &tree.public_key()), Ok(checkpoint));
}

#[test]
fn another_key_and_another_log() {
    let (own, checkpoint, note) = note();
    let other = tree(2);
    assert_eq!(open(&note, checkpoint.log, &other.public_key()), Err(CheckpointError::Unsigned));
    assert_eq!(open(&note, other.log_id(), &own.public_key()), Err(CheckpointError::OtherLog));
    assert_eq!(open(&note, LogId([0; 32]), &own.public_key()), Err(CheckpointError::OtherLog));
}

#[test]
fn any_changed_character() {
    let (tree, checkpoint, note) = note();
    for (at, character) in note.char_indices() {
        let other = if character == 'A' { "B" } else { "A" };
        let changed = format!("{}{other}{}", &note[..at], &note[at + character.len_utf8()..]);
        assert!(open(&changed, checkpoint.log, &tree.public_key()).is_err(), "character {at}");
    }
}

#[test]
fn other_signatures_beside_ours_are_ignored() {
    let (tree, checkpoint, note) = note();
    let cosigned = format!("{note}— witness.example/w1 AAAAAAAA\n");
    assert_eq!(open(&cosigned, checkpoint.log, &tree.public_key()), Ok(checkpoint));
}

#[test]
fn forms_that_are_none() {
    let (tree, checkpoint, note) = note();
    let judged = |note: &str| open(note, checkpoint.log, &tree.public_key());
    assert_eq!(judged(""), Err(CheckpointError::Format));
    assert_eq!(judged("\n\n"), Err(CheckpointError::OtherLog));
    assert_eq!(judged(&note.replace("\n\n", "\n")), Err(CheckpointError::Format));
    assert_eq!(judged(&note.replace("\n17\n", "\n017\n")), Err(CheckpointError::Format));
    assert_eq!(judged(&note.replace("\n17\n", "\n-1\n")), Err(CheckpointError::Format));
    assert_eq!(judged(&note.replace('\n', "\r\n")), Err(CheckpointError::Format));
    assert_eq!(judged(&note.repeat(400)), Err(CheckpointError::TooLong));
}
