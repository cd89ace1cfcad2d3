//! Filters as a person types them.

use activemirror_core::filter::{Compare, Filter, Test};
use activemirror_query::{QueryError, Wrong, parse_filter};

#[track_caller]
fn refused(text: &str, words: &[&str]) -> QueryError {
    let error = parse_filter(text).expect_err(text);
    for word in words {
        assert!(error.to_string().contains(word), "{text}: {word} is not in {error}");
    }
    error
}

#[test]
fn words_on_the_right_are_values() {
    let same = [
        "semantics.confidence < 0.7 and type = decision",
        "confidence < 0.7 AND events.type = 'decision'",
        "(SEMANTICS.confidence < 0.7) and (type = 'decision')",
    ];
    let filters = same.map(|text| parse_filter(text).unwrap());
    assert_eq!(filters[0], filters[1]);
    assert_eq!(filters[0], filters[2]);
    let Filter::All(parts) = &filters[0] else { panic!("{:?}", filters[0]) };
    assert_eq!(parts[0], Filter::Is(Test::Confidence(Compare::Less, 0.7)));
}

#[test]
fn a_field_that_is_not_known() {
    let error = refused("confidance < 0.7", &["confidance", "`confidence`"]);
    assert_eq!(error.spot.map(|spot| (spot.column, spot.length)), Some((1, 10)));
    refused("semantic.confidence < 0.7", &["semantic"]);
    refused("type = decision and tpye = action", &["`type`"]);
    refused("user = ann", &["user"]);
    refused("content.length > 3", &["no fields"]);
}

#[test]
fn values_that_a_field_never_has() {
    refused("type = desicion", &["thought, action"]);
    refused("confidence < high", &["a number"]);
    refused("timestamp > 5", &["a time"]);
    refused("timestamp > 'yesterday'", &["2024-01-31"]);
    refused("sequence = -1", &["from 0"]);
    refused("log = 'x'", &["64"]);
    refused("agent_id = support-bot", &["quotes", "'support-bot'"]);
    refused("timestamp > 2024-01-31", &["quotes"]);
    refused("intent = NULL", &["IS NULL"]);
    refused("action = NULL", &["IS NULL"]);
}

#[test]
fn what_is_no_filter() {
    for text in [
        "",
        "and",
        "type",
        "type =",
        "0.7 > confidence",
        "type = decision extra",
        "SELECT 1",
        "1 = 1",
        "type = (SELECT 1)",
        "count(*) > 1",
        "type LIKE 'x'",
        "content LIKE 'a%b'",
        "action GLOB '*x'",
    ] {
        let error = refused(text, &[]);
        assert!(!matches!(error.wrong, Wrong::Store(_)), "{text}");
    }
    let deep = format!("{}type = decision{}", "(".repeat(500), ")".repeat(500));
    assert!(parse_filter(&deep).unwrap_err().limit().is_some());
    let long = vec!["type = decision"; 400].join(" or ");
    assert!(parse_filter(&long).is_ok(), "long, and not deep");
    let nots = format!("{}type = decision", "not ".repeat(200));
    assert!(parse_filter(&nots).is_err());
}
