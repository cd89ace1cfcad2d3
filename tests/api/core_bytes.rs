//! Hostile bytes: whatever comes, core answers with an error and not with a panic; and what it
//! wrote, it reads back equal.

use activemirror_core::log::block::{BlockBuilder, Buffers, Position};
use activemirror_core::log::codec::Codec;
use activemirror_core::log::header::Header;
use activemirror_core::log::reader::{EntryBody, StoredBlock};
use activemirror_core::log::stream::{self, Frame, FrameReader};
use activemirror_core::mask;
use activemirror_core::time::Timestamp;
use activemirror_core::trace::{Body, Content, Kind, Mark, Place, Record, Structure, SubjectRef};
use activemirror_core::value::{Leaf, Value, path};
use activemirror_core::vault::{Key, KeyRing, KeyTree, SubjectKey};
use proptest::prelude::*;

struct Ring(KeyTree, SubjectKey);

impl KeyRing for Ring {
    fn structure(&self) -> &Key {
        self.0.structure()
    }

    fn subject(&self, subject: SubjectRef) -> Option<&SubjectKey> {
        (subject.0[0] < 4).then_some(&self.1)
    }
}

fn ring() -> Ring {
    Ring(KeyTree::new(&Key::new([1; 32])), SubjectKey::new([2; 32]))
}

fn built(texts: &[(u8, i64, String)], codec: Codec) -> (Header, Vec<u8>) {
    let ring = ring();
    let position = Position { log: ring.0.log_id(), block: 3, first: 40 };
    let mut builder: BlockBuilder<Vec<u8>, 4> = BlockBuilder::new(position, Buffers::default());
    for (person, time, text) in texts {
        let structure = Structure {
            trace: Some("t"),
            intent: Some(text),
            ..Structure::new(Kind::Thought, Timestamp::from_millis(*time), SubjectRef([*person; 16]))
        };
        let leaves = [Leaf { path: "/data/x", value: Value::Text(text) }];
        let content = Content { text: Some(text), leaves: leaves[..].into(), ..Content::default() };
        builder.push(&Record { structure, body: Body::Event(content) }, &ring).unwrap();
    }
    let (mut stored, mut salt) = (Vec::new(), [0; 24]);
    let salts = || {
        salt[0] += 1;
        salt
    };
    let header = builder.finish(codec, &ring, salts, &mut stored).unwrap().unwrap();
    (header, stored)
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![any::<String>(), "[a-c⟦⟧·ü🦀 ]{0,40}"]
}

proptest! {
    #[test]
    fn a_block_gives_back_its_records(
        texts in prop::collection::vec((0u8..4, any::<i64>(), text()), 1..40),
        packed in any::<bool>(),
    ) {
        let codec = if packed { Codec::RowsLz4 } else { Codec::Rows };
        let (header, stored) = built(&texts, codec);
        let block = StoredBlock::read(&header, &stored).unwrap();
        let open = block.open(&header, &ring()).unwrap();
        prop_assert_eq!(open.verify(&ring()), Ok(true));
        let entries = open.entries().unwrap();
        prop_assert_eq!(entries.len(), texts.len());
        for ((entry, (person, time, text)), sequence) in entries.iter().zip(&texts).zip(40..) {
            prop_assert_eq!(entry.sequence, sequence);
            prop_assert_eq!(entry.structure.subject, SubjectRef([*person; 16]));
            prop_assert_eq!(entry.structure.time, Timestamp::from_millis(*time));
            let EntryBody::Open(Body::Event(content)) = &entry.body else { panic!("not open") };
            prop_assert_eq!(content.text, Some(&**text));
        }
    }

    #[test]
    fn no_bytes_make_a_block_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..400), at in any::<usize>()) {
        let (header, stored) = built(&[(0, 1, "x".into()), (1, 2, "y".into())], Codec::RowsLz4);
        prop_assert!(StoredBlock::read(&header, &bytes).is_err());
        let _: Result<_, _> = Header::from_bytes(&bytes);
        // Past the digest, as whoever can compute one gets.
        let mut changed = stored[..stored.len() - 32].to_vec();
        let place = at % changed.len();
        changed.splice(place..(place + 3).min(stored.len() - 32), bytes);
        let covered = [header.to_bytes().as_slice(), &changed].concat();
        changed.extend(activemirror_core::hash::sha256(&covered));
        if let Ok(block) = StoredBlock::read(&header, &changed) {
            prop_assert!(changed == stored || block.open(&header, &ring()).and_then(|open| open.verify(&ring())) != Ok(true));
        }
    }

    #[test]
    fn no_bytes_make_a_frame_reader_panic_and_it_finds_the_next_frame(
        noise in prop::collection::vec(any::<u8>(), 0..300),
        cut in 1usize..50,
    ) {
        let mut bytes = noise;
        bytes.push(0);
        stream::write(&Frame::Hello { version: 1, public_key: [3; 32] }, &mut bytes).unwrap();
        let (mut reader, mut last) = (FrameReader::new(), None);
        for piece in bytes.chunks(cut) {
            reader.feed(piece, |frame| {
                last = Some(frame == Ok(Frame::Hello { version: 1, public_key: [3; 32] }));
                Ok::<(), ()>(())
            }).unwrap();
        }
        prop_assert_eq!(last, Some(true));
    }

    #[test]
    fn a_path_gives_back_its_keys(keys in prop::collection::vec(any::<String>(), 1..8), index in any::<u32>()) {
        let mut written = String::new();
        for key in &keys {
            path::write_key(&mut written, key).unwrap();
            path::write_index(&mut written, index).unwrap();
        }
        let mut expected = keys.iter();
        for step in path::steps(&written) {
            match step.unwrap() {
                path::Step::Key(key) => prop_assert_eq!(key.chars().collect::<String>(), expected.next().unwrap().clone()),
                path::Step::Index(at) => prop_assert_eq!(at, index),
            }
        }
        prop_assert_eq!(expected.next(), None);
    }

    #[test]
    fn no_text_makes_a_path_panic(text in any::<String>()) {
        let _: Result<_, _> = path::check(&text);
    }

    #[test]
    fn a_masked_text_shows_nothing_of_what_is_marked(
        text in text(),
        ranges in prop::collection::vec((any::<prop::sample::Index>(), 0usize..9), 0..6),
    ) {
        let ends: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
        let mut marks: Vec<Mark<'_>> = Vec::new();
        for (start, length) in ranges {
            let first = start.index(ends.len());
            let last = (first + length).min(ends.len() - 1);
            let (start, end) = (ends[first] as u32, ends[last] as u32);
            if marks.iter().all(|mark| mark.end <= start || end <= mark.start) && start < end {
                marks.push(Mark { place: Place::Text, start, end, category: "thing", dropped: false, plugin: 1 });
            }
        }
        marks.sort_by_key(|mark| mark.start);
        let content = Content { text: Some(&text), marks: marks[..].into(), ..Content::default() };
        let view = mask::view(&content, &|_| Some([1, 2, 3]));
        let shown = view.text.unwrap();
        // What is left of the view without its tokens is the text without what is marked.
        let (mut left, mut from) = (String::new(), 0);
        for token in &view.tokens {
            left += &shown[from..token.shown.start];
            from = token.shown.end;
        }
        left += &shown[from..];
        let (mut expected, mut from) = (String::new(), 0);
        for mark in &marks {
            expected += &text[from..mark.start as usize];
            from = mark.end as usize;
        }
        expected += &text[from..];
        prop_assert_eq!(left, expected);
        // A span over a token means all of the original.
        for token in &view.tokens {
            let meant = mask::original_range(Place::Text, &token.shown, &view.tokens);
            prop_assert_eq!(meant, token.mark.start as usize..token.mark.end as usize);
        }
        let all = mask::original_range(Place::Text, &(0..shown.len()), &view.tokens);
        prop_assert_eq!(all, 0..text.len());
    }

    #[test]
    fn marks_that_fit_no_text_hide_all_of_it(text in "[a-zü]{1,20}", start in any::<u32>(), end in any::<u32>()) {
        let fits = text.get(start as usize..end as usize).is_some();
        prop_assume!(!fits);
        let marks = [Mark { place: Place::Text, start, end, category: "thing", dropped: false, plugin: 1 }];
        let content = Content { text: Some(&text), marks: marks[..].into(), ..Content::default() };
        let view = mask::view(&content, &|_| None);
        prop_assert_eq!(view.text.as_deref(), Some("⟦thing⟧"));
    }
}
