//! JSON as such: a tree, its leaves and its text say the same.

use activemirror::document::{Leaf, Value};
use activemirror::json::{Budget, Fault, Node, Records, Tree, limits, object_text, parse};
use activemirror_core::value::path;
use proptest::prelude::*;

#[track_caller]
fn leaves_of(text: &str) -> Vec<Leaf> {
    let node = parse(text, limits::NESTING_MAX, &mut Budget::of_record()).unwrap();
    let mut leaves = Vec::new();
    node.flatten("", &mut leaves);
    leaves
}

fn number() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<i64>().prop_map(|number| number.to_string()),
        any::<u64>().prop_map(|number| number.to_string()),
        any::<f64>()
            .prop_filter("JSON has no other", |number| number.is_finite())
            .prop_map(|number| number.to_string()),
        "-?(0|[1-9][0-9]{0,40})(\\.[0-9]{1,30})?([eE][+-]?[0-9]{1,4})?",
    ]
}

/// JSON texts without whitespace, with strings as this runtime spells them.
fn json_text() -> impl Strategy<Value = String> {
    let quoted = || any::<String>().prop_map(|text| quote(&text));
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        Just("false".to_owned()),
        number(),
        quoted(),
    ];
    leaf.prop_recursive(8, 64, 8, move |inner| {
        let members = prop::collection::btree_map(quoted(), inner.clone(), 0..8);
        let object = members.prop_map(|members| {
            let members: Vec<_> = members.iter().map(|(key, value)| format!("{key}:{value}")).collect();
            format!("{{{}}}", members.join(","))
        });
        let list =
            prop::collection::vec(inner, 0..8).prop_map(|elements| format!("[{}]", elements.join(",")));
        prop_oneof![object, list]
    })
}

fn quote(text: &str) -> String {
    let leaf = Leaf { path: "/t".to_owned(), value: Value::Text(text.to_owned()) };
    let object = object_text(&[leaf]).unwrap();
    assert_eq!(serde_json::from_str::<serde_json::Value>(&object).unwrap()["t"], text);
    object["{\"t\":".len()..object.len() - 1].to_owned()
}

proptest! {
    #[test]
    fn text_to_tree_to_leaves_to_text(value in json_text()) {
        let text = format!("{{\"root\":{value}}}");
        let leaves = leaves_of(&text);
        prop_assert!(leaves.iter().all(|leaf| path::check(&leaf.path).is_ok()));
        prop_assert_eq!(object_text(&leaves).unwrap(), text);
    }

    #[test]
    fn whitespace_means_nothing(value in json_text()) {
        let spaced = format!(" \n{{ \"root\"\t:\r\n {value} }} ");
        prop_assert_eq!(leaves_of(&spaced), leaves_of(&format!("{{\"root\":{value}}}")));
    }

    #[test]
    fn any_leaves_make_json_or_an_error(leaves in prop::collection::vec(("(/[ab~0]?|\\[[0-2]\\]){0,4}", any::<bool>()), 0..12)) {
        let leaves: Vec<_> = leaves
            .into_iter()
            .map(|(path, empty)| Leaf { path, value: if empty { Value::EmptyList } else { Value::Null } })
            .collect();
        if let Ok(text) = object_text(&leaves) {
            prop_assert_eq!(leaves_of(&text), if leaves.is_empty() { leaves_of("{}") } else { leaves });
        }
    }

    #[test]
    fn any_bytes_are_records_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        Records::new(bytes.as_slice()).for_each(drop);
    }

    #[test]
    fn any_row_of_tokens_is_records_or_an_error(text in "([\\[\\]{},: 0-9a\\-.eE\"\\\\u\\n]|true|null|\"a\":){0,60}") {
        let records: Result<Vec<_>, _> = Records::new(text.as_bytes()).collect();
        let values: Result<Vec<serde_json::Value>, _> = serde_json::Deserializer::from_str(&text).into_iter().collect();
        // What this reader takes, serde_json takes too.
        prop_assert!(records.is_err() || values.is_ok(), "{:?} {:?}", records, values);
    }
}

#[test]
fn every_value_knows_its_place() {
    let text = "{\"a\":1,\n  \"b\":[true,\n\t\"é\", {\"c\": null}]}";
    let record = Records::new(text.as_bytes()).next().unwrap().unwrap();
    let Tree::Object(members) = &record.node.tree else { panic!("no object") };
    let place = |node: &Node| (node.at.line, node.at.column, node.at.byte);
    assert_eq!(place(&record.node), (1, 1, 0));
    assert_eq!(place(&members["a"]), (1, 6, 5));
    assert_eq!(place(&members["b"]), (2, 7, 14));
    let Tree::List(elements) = &members["b"].tree else { panic!("no list") };
    assert_eq!(elements.iter().map(place).collect::<Vec<_>>(), [(2, 8, 15), (3, 2, 22), (3, 7, 28)]);
}

#[test]
fn nesting_ends_at_the_limit() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    let read = |text: &str| parse(text, limits::NESTING_MAX, &mut Budget::of_record());
    let deepest = read(&nested(limits::NESTING_MAX)).unwrap();
    assert_eq!(deepest.nesting(), limits::NESTING_MAX);
    assert!(matches!(read(&nested(limits::NESTING_MAX + 1)).unwrap_err().fault, Fault::TooDeep));
    let object = format!("{{\"a\":{}}}", nested(limits::NESTING_MAX - 1));
    let leaves = leaves_of(&object);
    assert!(path::check(&leaves[0].path).is_ok());
    assert_eq!(object_text(&leaves).unwrap(), object);
}

#[test]
fn one_value_is_one_value() {
    let fault = |text: &str| parse(text, 8, &mut Budget::of_record()).unwrap_err().fault;
    assert!(matches!(fault("{} {}"), Fault::Syntax { expected: "the end of the text" }));
    assert!(matches!(fault("1 x"), Fault::Syntax { .. }));
    assert!(matches!(fault(""), Fault::Truncated));
    assert!(matches!(fault("{\"a\":1,\"a\":1}"), Fault::DuplicateKey));
}
