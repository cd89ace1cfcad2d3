//! Marks on an event on its way into the log: they cover what they were set on, whatever is dropped
//! around them.

use activemirror::document::Event;
use activemirror::{Draft, Place};

/// What the marks cover, by category.
fn covered(draft: &Draft, text: &str) -> Vec<(String, String)> {
    let bytes = |mark: &activemirror::Mark| text[mark.start as usize..mark.end as usize].to_owned();
    draft.marks.iter().map(|mark| (mark.category.clone(), bytes(mark))).collect()
}

#[test]
fn what_is_marked_twice_is_marked_once() {
    let mut draft = Draft::from(Event::thought("call 555 0147 now"));
    assert!(draft.mask(Place::Text, 5..13, "phone", 1));
    assert!(!draft.mask(Place::Text, 6..12, "number", 2), "nothing new");
    assert!(draft.mask(Place::Text, 0..8, "number", 2), "the part before it is");
    let expected = [("number", "call "), ("phone", "555 0147")];
    assert_eq!(covered(&draft, "call 555 0147 now"), expected.map(|(a, b)| (a.to_owned(), b.to_owned())));
}

#[test]
fn marks_follow_their_bytes_when_others_are_dropped() {
    let mut draft = Draft::from(Event::thought("code 737 for ann@example.org"));
    draft.mask(Place::Text, 13..28, "email", 1);
    draft.mask(Place::Text, 4..6, "number", 1);
    assert!(draft.drop_range(Place::Text, 5..9, "card-security-code", 1));
    let text = draft.event.text.clone().unwrap();
    assert_eq!(text, "code for ann@example.org");
    let kept: Vec<_> = covered(&draft, &text).into_iter().filter(|(_, bytes)| !bytes.is_empty()).collect();
    assert_eq!(
        kept,
        [("number".to_owned(), " ".to_owned()), ("email".to_owned(), "ann@example.org".to_owned())]
    );
    assert!(!draft.drop_range(Place::Text, 5..5, "card-security-code", 1), "nothing is left to drop");
}

#[test]
fn a_dropped_key_gives_way_to_another_and_its_marks_follow() {
    let mut draft = Draft::from(Event::thought("x").with("/data/737/ann@example.org", 1_i64));
    draft.mask(Place::LeafPath(0), 10..25, "email", 1);
    assert!(draft.drop_range(Place::LeafPath(0), 6..9, "card-security-code", 1));
    let path = draft.event.leaves[0].path.clone();
    assert_eq!(path, "/data/dropped-0/ann@example.org");
    let email = covered(&draft, &path).into_iter().find(|(category, _)| category == "email");
    assert_eq!(email.unwrap().1, "ann@example.org");
}

#[test]
fn a_number_is_marked_or_dropped_as_a_whole() {
    let mut draft = Draft::from(Event::thought("x").with("/data/code", 737_i64));
    assert!(draft.mask(Place::LeafValue(0), 0..0, "number", 1));
    assert!(!draft.mask(Place::LeafValue(0), 0..0, "number", 1));
    assert!(draft.drop_range(Place::LeafValue(0), 0..0, "card-security-code", 1));
    assert_eq!(draft.event.leaves[0].value, activemirror::document::Value::Null);
}
