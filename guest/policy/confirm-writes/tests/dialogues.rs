//! Conversations of our own, as scripts: who says what, which calls follow, and what becomes of
//! each. The files in `dialogues/` are to be read as the policy's behaviour in examples.

#[path = "fixtures/tau.rs"]
mod tau;

use activemirror_guest::policy::{Event, EventKind, Source, Verdict};
use activemirror_policy_confirm_writes::{Settings, decide};
use serde_json::Value;
use tau::{event, leaves};

/// One line of a script: the event, and for a call what is expected.
struct Line {
    event: Event,
    expected: Option<String>,
}

fn parse(line: &str) -> Line {
    let (who, what) = line.split_once(": ").unwrap_or((line.trim_end_matches(':'), ""));
    let said = Some(what.to_owned());
    let plain = |event| Line { event, expected: None };
    match who {
        "user" => plain(Event { source: Source::User, content: said, ..event(EventKind::Observation) }),
        "agent" => plain(Event { content: said, ..event(EventKind::Output) }),
        "tool" => plain(match serde_json::from_str::<Value>(what) {
            Ok(data) => Event {
                source: Source::Tool,
                leaves: leaves("/data", &data),
                ..event(EventKind::Observation)
            },
            Err(_) => Event { source: Source::Tool, content: said, ..event(EventKind::Observation) },
        }),
        "call" => {
            let (call, expected) = what.rsplit_once(" -> ").expect("a call says what is expected");
            let (name, arguments) = call.split_once(' ').expect("a call has arguments");
            let arguments = serde_json::from_str(arguments).expect("arguments are JSON");
            let action = Event { action: Some(name.into()), ..event(EventKind::Action) };
            Line {
                event: Event { leaves: leaves("/parameters", &arguments), ..action },
                expected: Some(expected.into()),
            }
        }
        _ => panic!("{line}: nobody says this"),
    }
}

/// The script's lines; a line that begins with `- ` or has no speaker goes on with the one before.
fn lines(script: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for line in script.lines().filter(|line| !line.is_empty()) {
        let speaks = ["user:", "agent:", "tool:", "call:"].iter().any(|who| line.starts_with(who));
        match lines.last_mut() {
            Some(last) if !speaks => *last = format!("{last}\n{line}"),
            _ => lines.push(line.into()),
        }
    }
    lines
}

/// What the script gets wrong, one sentence each.
fn wrong(name: &str, script: &str) -> Vec<String> {
    let settings = Settings::read(|_| Vec::new()).unwrap();
    let mut state = Vec::new();
    let mut wrong = Vec::new();
    for text in lines(script) {
        let line = parse(&text);
        let decision = decide(&settings, &state, core::slice::from_ref(&line.event)).unwrap();
        state = decision.state;
        let verdict = match &decision.verdicts[..] {
            [Verdict::Allow] => "allow".to_owned(),
            [Verdict::RequireApproval(reason)] => format!("stop: {reason}"),
            other => panic!("{other:?}"),
        };
        let expected = line.expected.unwrap_or_else(|| "allow".into());
        let fits = match expected.strip_prefix("stop") {
            Some(reason) => {
                verdict.starts_with("stop: ") && verdict.contains(reason.trim_start_matches(": "))
            }
            None => verdict == expected,
        };
        if !fits {
            wrong.push(format!("{name}: {text}\n    got {verdict}"));
        }
    }
    wrong
}

fn check(file: &str) {
    let scripts = file.split("# ").filter(|script| !script.trim().is_empty());
    let wrong: Vec<String> = scripts
        .flat_map(|script| {
            let (name, script) = script.split_once('\n').unwrap();
            wrong(name, script)
        })
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn a_shop() {
    check(include_str!("dialogues/shop.txt"));
}

#[test]
fn other_trades() {
    check(include_str!("dialogues/others.txt"));
}

#[test]
fn a_travel_agency() {
    check(include_str!("dialogues/travel.txt"));
}

#[test]
fn what_an_answer_is() {
    check(include_str!("dialogues/answers.txt"));
}

#[test]
fn which_terms_were_the_last() {
    check(include_str!("dialogues/terms.txt"));
}

#[test]
fn what_is_paid_with() {
    check(include_str!("dialogues/payments.txt"));
}

#[test]
fn the_parts_of_a_whole() {
    check(include_str!("dialogues/parts.txt"));
}
