//! The small parsers of core.

use core::fmt::Write as _;

use activemirror_core::log::LogId;
use activemirror_core::log::checkpoint;
use activemirror_core::log::header::Header;
use activemirror_core::log::stream::{self, FrameReader};
use activemirror_core::log::zone::Zone;
use activemirror_core::session::{Fold, Message, Session};
use activemirror_core::trace::{Body, Kind};
use activemirror_core::value::path::{self, Step};
use activemirror_core::vault::{Key, KeyTree, SubjectKey, WRAPPED_BYTES, seal};

use crate::blocks::subject;
use crate::bytes::Bytes;

/// A path is read as it is written.
pub(crate) fn path(bytes: &[u8]) {
    let Ok(text) = core::str::from_utf8(bytes) else { return };
    let Ok(()) = path::check(text) else { return };
    let mut again = String::new();
    for step in path::steps(text) {
        match step.expect("it was checked") {
            Step::Key(key) => {
                let _: core::fmt::Result = path::write_key(&mut again, &key.chars().collect::<String>());
            }
            Step::Index(index) => {
                let _: core::fmt::Result = path::write_index(&mut again, index);
            }
        }
    }
    assert_eq!(again, text);
}

/// A header is read as it is written.
pub(crate) fn header(bytes: &[u8]) {
    if let Ok(header) = Header::from_bytes(bytes) {
        assert_eq!(header.to_bytes(), bytes);
        assert!(header.end() > header.first);
    }
}

/// A zone is read as it is written.
pub(crate) fn zone(bytes: &[u8]) {
    if let Ok(zone) = Zone::from_bytes(bytes) {
        assert_eq!(zone.to_bytes(), bytes);
    }
}

/// Nobody without the key signs a checkpoint, and what is signed is read.
pub(crate) fn checkpoint(bytes: &[u8]) {
    let tree = KeyTree::new(&Key::new([1; 32]));
    let log = tree.log_id();
    let Ok(note) = core::str::from_utf8(bytes) else { return };
    let _ = checkpoint::peek(note, log);
    let _ = checkpoint::peek(note, LogId([0; 32]));
    if let Ok(checkpoint) = checkpoint::open(note, log, &tree.public_key()) {
        let mut again = String::new();
        let _ = again.write_str(&checkpoint.sign(tree.signing()));
        assert_eq!(checkpoint::open(&again, log, &tree.public_key()), Ok(checkpoint));
    }
}

/// Only what was sealed opens, and then it is what was sealed.
pub(crate) fn seal(bytes: &[u8]) {
    let key = Key::new([1; 32]);
    let mut opened = b"before".to_vec();
    match seal::open(&key, &[b"context"], bytes, &mut opened) {
        Err(_) => assert_eq!(opened, b"before"),
        Ok(()) => {
            let salt = bytes.first_chunk().expect("what opens begins with its salt");
            let mut again = Vec::new();
            let sealed = seal::seal(&key, salt, &[b"context"], &opened[6..], &mut again);
            assert!(sealed.is_ok() && again == bytes);
        }
    }
    if let Ok(wrapped) = <&[u8; WRAPPED_BYTES]>::try_from(bytes) {
        let _: Result<SubjectKey, _> = KeyTree::new(&key).unwrap(subject(0), wrapped);
    }
}

/// However a stream is cut, it has the same frames; a frame is read as it is written.
pub(crate) fn stream(bytes: &[u8]) {
    let frames = |cut: usize| {
        let (mut reader, mut frames) = (FrameReader::new(), Vec::new());
        for piece in bytes.chunks(cut) {
            let fed: Result<(), ()> = reader.feed(piece, |frame| {
                frames.push(frame.map(|frame| {
                    let mut wire = Vec::new();
                    assert!(stream::write(&frame, &mut wire).is_ok());
                    wire
                }));
                Ok(())
            });
            assert!(fed.is_ok());
        }
        (frames, reader.pending())
    };
    let (whole, pending) = frames(bytes.len().max(1));
    assert_eq!((&whole, pending), (&frames(7).0, frames(7).1));
    for wire in whole.into_iter().flatten() {
        let mut reader = FrameReader::new();
        let mut count = 0;
        let fed: Result<(), ()> = reader.feed(&wire, |frame| {
            count += usize::from(frame.is_ok());
            Ok(())
        });
        assert!(fed.is_ok() && count == 1);
    }
}

/// Whatever a record says of a session is a session or an error.
pub(crate) fn session_record(bytes: &[u8]) {
    let mut bytes = Bytes(bytes);
    let (_, kind) = Kind::EVENTS[usize::from(bytes.byte()) % Kind::EVENTS.len()];
    let Ok((body, _)) = postcard::take_from_bytes::<Body<'_>>(bytes.0) else { return };
    let mut fold = Fold::new("session");
    let mut structure = crate::blocks::structure(kind, subject(0), 0);
    structure.session = Some("session");
    let _ = fold.push(&structure, &body);
    match &body {
        Body::Session(head) => drop(Session::from_leaves("session", &head.leaves)),
        Body::Event(content) => drop(Message::from_event(kind, content)),
        _ => {}
    }
    if let Some(transcript) = fold.finish() {
        for spelling in
            [activemirror::session_json::Spelling::Python, activemirror::session_json::Spelling::JavaScript]
        {
            if let Ok(text) = activemirror::session_json::write(&transcript, spelling) {
                drop(activemirror::session_json::read(text.as_bytes()));
            }
        }
    }
}
