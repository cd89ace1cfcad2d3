//! Drafts on their way into the log: what is marked stays hidden, whatever happens around it.

use activemirror_core::draft::{At, Draft, Mark, Point};
use activemirror_core::time::Timestamp;
use activemirror_core::trace::{Kind, Place};
use activemirror_core::value::{OwnedLeaf, OwnedValue};

fn thought(text: &str) -> Draft {
    Draft { text: Some(text.to_owned()), ..Draft::new(Kind::Thought, Timestamp::default()) }
}

fn with(mut draft: Draft, path: &str, value: impl Into<OwnedValue>) -> Draft {
    draft.leaves.push(OwnedLeaf { path: path.to_owned(), value: value.into() });
    draft
}

/// What the marks cover, by category.
fn covered(draft: &Draft, text: &str) -> Vec<(String, String)> {
    let bytes = |mark: &Mark| text[mark.start as usize..mark.end as usize].to_owned();
    draft.marks.iter().map(|mark| (mark.category.clone(), bytes(mark))).collect()
}

fn no_tag(_: &str) -> Option<[u8; 3]> {
    None
}

#[test]
fn what_is_marked_twice_is_marked_once() {
    let mut draft = thought("call 555 0147 now");
    assert!(draft.mask(Place::Text, 5..13, "phone", 1));
    assert!(!draft.mask(Place::Text, 6..12, "number", 2), "nothing new");
    assert!(draft.mask(Place::Text, 0..8, "number", 2), "the part before it is");
    let expected = [("number", "call "), ("phone", "555 0147")];
    assert_eq!(covered(&draft, "call 555 0147 now"), expected.map(|(a, b)| (a.to_owned(), b.to_owned())));
}

#[test]
fn marks_follow_their_bytes_when_others_are_dropped() {
    let mut draft = thought("code 737 for ann@example.org");
    draft.mask(Place::Text, 13..28, "email", 1);
    draft.mask(Place::Text, 4..6, "number", 1);
    assert!(draft.drop_range(Place::Text, 5..9, "card-security-code", 1));
    let text = draft.text.clone().unwrap();
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
    let mut draft = with(thought("x"), "/data/737/ann@example.org", 1_i64);
    draft.mask(Place::LeafPath(0), 10..25, "email", 1);
    assert!(draft.drop_range(Place::LeafPath(0), 6..9, "card-security-code", 1));
    let path = draft.leaves[0].path.clone();
    assert_eq!(path, "/data/dropped-0/ann@example.org");
    let email = covered(&draft, &path).into_iter().find(|(category, _)| category == "email");
    assert_eq!(email.unwrap().1, "ann@example.org");
}

#[test]
fn a_number_is_marked_or_dropped_as_a_whole() {
    let mut draft = with(thought("x"), "/data/code", 737_i64);
    assert!(draft.mask(Place::LeafValue(0), 0..0, "number", 1));
    assert!(!draft.mask(Place::LeafValue(0), 0..0, "number", 1));
    assert!(draft.drop_range(Place::LeafValue(0), 0..0, "card-security-code", 1));
    assert_eq!(draft.leaves[0].value, OwnedValue::Null);
}

#[test]
fn a_name_in_which_something_is_marked_leaves_the_structure_and_comes_back_when_revealed() {
    let mut draft = thought("x");
    draft.kind = Kind::Action;
    draft.action = Some("write_to_ann@example.org".to_owned());
    draft.intent = Some("greet".to_owned());
    assert!(draft.mask(At::Action, 9..24, "email", 1));
    assert_eq!(draft.action.as_deref(), Some("⟦email⟧"), "what the structure says from now on");
    assert_eq!(draft.intent.as_deref(), Some("greet"));
    assert_eq!(draft.leaves[0].path, "/action");
    assert_eq!(draft.masked(&no_tag).action.as_deref(), Some("write_to_⟦email⟧"));
    assert_eq!(draft.revealed().action.as_deref(), Some("write_to_ann@example.org"));
    assert!(draft.revealed().leaves.is_empty());
    // Whoever marks it again has seen its stand-in, so that all of it is meant.
    assert!(draft.mask(At::Action, 0..4, "name", 2));
    assert!(!draft.mask(At::Action, 0..4, "name", 2), "asking comes to an end");
    assert_eq!(draft.masked(&no_tag).action.as_deref(), Some("⟦name⟧⟦email⟧"));
    assert!(!draft.mask(At::Intent, 3..99, "name", 2), "no such bytes");
    assert!(draft.drop_range(At::Intent, 0..5, "name", 2));
    assert_eq!(draft.revealed().intent.as_deref(), Some(""), "dropped for good");
}

#[test]
fn what_nobody_could_look_at_is_hidden_but_for_what_the_formats_say() {
    let mut draft = with(thought("Ann, born 1990"), "/metadata/source", "user");
    draft = with(draft, "/metadata/ann@example.org[0]/n", 7_i64);
    draft = with(draft, "/ann@example.org", "Ann");
    draft = with(draft, "/status", "Ann");
    draft.action = Some("call_ann".to_owned());
    draft.mask_everything(1);
    let shown = draft.masked(&no_tag);
    let leaves: Vec<String> =
        shown.leaves.iter().map(|leaf| format!("{} {:?}", leaf.path, leaf.value)).collect();
    assert_eq!(
        leaves,
        [
            "/metadata/source Text(\"user\")",
            "/metadata/⟦unchecked⟧ Text(\"⟦unchecked⟧\")",
            "/⟦unchecked⟧ Text(\"⟦unchecked⟧\")",
            "/status Text(\"⟦unchecked⟧\")",
        ]
    );
    assert_eq!(shown.text.as_deref(), Some("⟦unchecked⟧"));
    assert_eq!(shown.action.as_deref(), Some("⟦unchecked⟧"));
    let revealed = draft.revealed();
    assert_eq!(revealed.text.as_deref(), Some("Ann, born 1990"));
    assert_eq!(revealed.action.as_deref(), Some("call_ann"));
}

#[test]
fn what_begins_a_trace_or_a_session_is_decided_on_before_the_agent_starts() {
    for kind in [Kind::TraceStart, Kind::Session] {
        assert_eq!(Draft::new(kind, Timestamp::default()).point(), Point::AgentStartup);
    }
}
