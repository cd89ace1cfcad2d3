//! The main job: the demo, and what can be done with what it leaves.

use crate::place::Place;

#[test]
fn the_demo_shows_the_whole_pipeline() {
    let place = Place::new();
    let out = place.good(&["demo"]);
    for shown in [
        "⟦email·",
        "⟦date-of-birth·",
        "require-approval",
        "stopped:",
        "findings",
        "evidence #",
        "under the key of mara.lindqvist",
        "records hold",
        "sealed, in a file of",
        "vault erase --subject mara.lindqvist",
    ] {
        assert!(out.contains(shown), "{shown:?} is missing in:\n{out}");
    }
    assert!(!out.contains("mara.lindqvist@example.org"), "the demo prints a masked e-mail address:\n{out}");
    assert!(!out.contains("1987"), "the demo prints a masked date of birth:\n{out}");
}

#[test]
fn the_refund_is_stopped_once_and_then_allowed() {
    let place = Place::new();
    let demo = &place.json(&["demo"])[0];
    let id = demo["trace_id"].as_str().unwrap().to_owned();
    assert_eq!(demo["holds"], true);
    let trace = &place.json(&["show", &id])[0];
    let events = trace["events"].as_array().unwrap();
    let refunds: Vec<usize> =
        (0..events.len()).filter(|at| events[*at]["action"] == "issue_refund").collect();
    let ruled = |event: usize| -> Vec<&str> {
        let verdicts = trace["verdicts"].as_array().unwrap().iter();
        let of_event = verdicts.filter(|verdict| verdict["event"] == event);
        of_event.map(|verdict| verdict["outcome"].as_str().or(verdict["verdict"].as_str()).unwrap()).collect()
    };
    assert_eq!(refunds.len(), 2);
    assert!(ruled(refunds[0]).contains(&"require-approval"), "{:?}", ruled(refunds[0]));
    assert_eq!(ruled(refunds[1]), ["allow", "allow"]);
    assert_eq!(events[refunds[0] + 1]["type"], "error");
    assert_eq!(events[refunds[1] + 1]["data"]["status"], "accepted");
}

#[test]
fn the_demo_wants_a_fresh_directory() {
    let place = Place::with_two_traces();
    place.bad(&["demo"], 2, &["not empty", "--data"]);
}

#[test]
fn one_person_erased_and_the_rest_intact() {
    let place = Place::with_two_traces();
    let out = place.good(&["vault", "erase", "--subject", "ann", "--yes"]);
    assert!(out.contains("ann") && out.contains("destroyed"), "{out}");
    let revealed = place.good(&["show", "trace-one", "--reveal"]);
    assert!(revealed.contains("(erased)") && !revealed.contains("kettle"), "{revealed}");
    assert!(place.good(&["show", "trace-two", "--reveal"]).contains("the red lamp flickers"));
    let report = &place.json(&["verify"])[0];
    assert_eq!((&report["holds"], report["erased"].as_u64()), (&serde_json::json!(true), Some(5)));
    place.bad(&["vault", "erase", "--subject", "ann", "--yes"], 2, &["ann"]);
    assert_eq!(place.json(&["vault", "subject"]).len(), 1);
}

#[test]
fn erasing_asks_first() {
    let place = Place::with_two_traces();
    place.bad(&["vault", "erase", "--subject", "ann"], 2, &["--yes"]);
    assert!(place.good(&["show", "trace-one"]).contains("kettle"));
}

#[test]
fn what_was_recorded_without_policies_says_so() {
    let place = Place::with_two_traces();
    assert!(place.good(&["show", "trace-one"]).contains("recorded without policies"));
}

#[test]
fn a_changed_header_fails_verify_with_status_1() {
    let place = Place::with_two_traces();
    let path = place.data().join("log.redb");
    let mut bytes = std::fs::read(&path).unwrap();
    let magics: Vec<usize> = (0..bytes.len() - 8).filter(|at| &bytes[*at..*at + 8] == b"AMBLOCK1").collect();
    assert!(!magics.is_empty());
    magics.iter().for_each(|at| bytes[at + 80] ^= 1);
    std::fs::write(&path, bytes).unwrap();
    place.bad(&["verify"], 1, &["block 0"]);
    place.bad(&["verify", "--no-keys"], 1, &["block 0"]);
    place.bad(&["--json", "verify"], 1, &["\"status\":1"]);
}

#[test]
fn lists_filter_and_limit() {
    let place = Place::with_two_traces();
    assert_eq!(place.json(&["traces"]).len(), 2);
    assert_eq!(place.json(&["traces", "--limit", "1"]).len(), 1);
    assert_eq!(place.json(&["traces", "--session", "session-of-ben"])[0]["trace_id"], "trace-two");
    assert_eq!(place.json(&["traces", "--agent", "nobody"]).len(), 0);
    assert!(place.good(&["traces"]).contains("trace-one"));
    place.bad(&["show", "trace-"], 2, &["2 traces begin with"]);
    place.bad(&["show", "nothing"], 2, &["no trace nothing", "activemirror traces"]);
}

#[test]
fn completions_are_printed_for_every_shell() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        assert!(Place::new().good(&["completions", shell]).contains("activemirror"), "{shell}");
    }
}
