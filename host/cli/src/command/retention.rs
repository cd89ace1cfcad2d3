//! `activemirror retention`: where payloads go when they grow old.

use std::time::SystemTime;

use activemirror::retention::{Age, Asked, ColdPlace, Due, HoldOn, Outcome, Rule, Rules, Standing, Trouble};
use activemirror::{Runtime, Tier, Timestamp};
use serde_json::{Value, json};

use crate::arguments::{Arguments, RetentionCommand, RuleName, RunArguments, SetArguments};
use crate::cold;
use crate::failure::Failure;
use crate::output::{BAD, DIM, bytes, counting_bar, harmless, print_json, print_table, table, time};
use crate::place::{self, Place};
use crate::plugins::Governing;

const TIERS: [Tier; 4] = [Tier::Hot, Tier::Warm, Tier::Cold, Tier::Gone];

pub(crate) fn run(arguments: &Arguments, command: &RetentionCommand) -> Result<(), Failure> {
    match command {
        RetentionCommand::Show => show(arguments),
        RetentionCommand::Set(set) => change(arguments, set),
        RetentionCommand::Run(run) => run_rules(arguments, run),
        RetentionCommand::Hold { name, trace, session, subject, everything, reason } => {
            let named = trace.clone().map(HoldOn::Trace);
            let named = named.or_else(|| session.clone().map(HoldOn::Session));
            let named = named.or_else(|| subject.clone().map(HoldOn::Subject));
            let on = named.or_else(|| everything.then_some(HoldOn::Namespace));
            let usage = "say what to hold: --trace, --session, --subject or --everything";
            hold(arguments, name, on.ok_or_else(|| Failure::input(usage))?, reason)
        }
        RetentionCommand::Release { name, reason } => {
            let runtime = place::open(arguments, Governing::Nothing)?;
            runtime.release(name, reason)?;
            runtime.close()?;
            done(arguments, &json!({ "released": name }), &format!("{} is released", harmless(name)))
        }
    }
}

fn hold(arguments: &Arguments, name: &str, on: HoldOn, reason: &str) -> Result<(), Failure> {
    let runtime = place::open(arguments, Governing::Nothing)?;
    let what = on_text(&on);
    runtime.hold(name, on, reason)?;
    runtime.close()?;
    let line = format!("{} holds {what}: retention lets nothing of it go", harmless(name));
    done(arguments, &json!({ "held": name, "on": what }), &line)
}

fn done(arguments: &Arguments, value: &Value, line: &str) -> Result<(), Failure> {
    if arguments.json {
        return Ok(print_json(value)?);
    }
    anstream::println!("{line}");
    Ok(())
}

fn on_text(on: &HoldOn) -> String {
    match on {
        HoldOn::Namespace => "everything".to_owned(),
        HoldOn::Trace(id) => format!("trace {}", harmless(id)),
        HoldOn::Session(id) => format!("session {}", harmless(id)),
        HoldOn::Subject(name) => format!("person {}", harmless(name)),
    }
}

fn show(arguments: &Arguments) -> Result<(), Failure> {
    let rules = Rules::read(&Place::of(arguments)?.data)?;
    let runtime = place::open(arguments, Governing::Nothing)?;
    let standing = runtime.retention()?;
    if arguments.json {
        return Ok(print_json(&standing_json(&standing, &rules))?);
    }
    let mut rows = table(["TIER", "BLOCKS", "RECORDS", "BYTES", "MOVES HERE"]);
    for tier in TIERS {
        let total = standing.total(tier);
        let rule = rule_of(&rules, tier).map(|rule| rule.to_string()).unwrap_or_default();
        let counts = [total.blocks.to_string(), total.records.to_string(), bytes(total.bytes)];
        let [blocks, records, bytes] = counts;
        rows.add_row([tier.name().to_owned(), blocks, records, bytes, rule]);
    }
    print_table(&rows)?;
    if let Some(place) = &rules.cold {
        anstream::println!("the cold store is {}", harmless(&cold::shown(place)));
    }
    anstream::println!(
        "small blocks are packed by themselves, while their log is written and when it is closed"
    );
    let undated: u64 = standing.totals.iter().map(|total| total.undated).sum();
    if undated > 0 {
        anstream::println!("{undated} blocks have no time that can be right: no rule by age moves them");
    }
    for hold in &standing.holds {
        let (name, reason) = (harmless(&hold.name), harmless(&hold.reason));
        anstream::println!("hold {name} on {}, since {}: {reason}", on_text(&hold.on), time(hold.since));
    }
    if standing.stale > 0 {
        anstream::println!("{} packs in the cold store hold content of erased people", standing.stale);
    }
    Ok(())
}

fn rule_of(rules: &Rules, tier: Tier) -> Option<Rule> {
    let moves = rules.namespace.default;
    match tier {
        Tier::Hot => None,
        Tier::Warm => moves.warm,
        Tier::Cold => moves.cold,
        Tier::Gone => moves.gone,
    }
}

fn standing_json(standing: &Standing, rules: &Rules) -> Value {
    let tiers = TIERS.map(|tier| {
        let total = standing.total(tier);
        json!({
            "tier": tier.name(),
            "blocks": total.blocks,
            "records": total.records,
            "bytes": total.bytes,
            "undated": total.undated,
            "rule": rule_of(rules, tier).map(|rule| rule.to_string()),
        })
    });
    let holds = standing.holds.iter().map(|hold| {
        json!({ "hold": hold.name, "on": on_text(&hold.on), "since": time(hold.since), "reason": hold.reason })
    });
    json!({
        "namespace": "default",
        "tiers": tiers,
        "cold": rules.cold.as_ref().map(cold::shown),
        "holds": holds.collect::<Vec<_>>(),
        "cold_to_renew": standing.stale,
    })
}

fn change(arguments: &Arguments, set: &SetArguments) -> Result<(), Failure> {
    let place = Place::of(arguments)?;
    let mut rules = Rules::read(&place.data)?;
    if let Some(url) = &set.cold {
        rules.cold =
            Some(ColdPlace { url: url.clone(), ..rules.cold.unwrap_or_else(|| ColdPlace::at(url.clone())) });
    }
    if let (Some(seconds), Some(cold)) = (set.timeout, rules.cold.as_mut()) {
        cold.timeout_seconds = seconds;
    }
    if let Some(place) = &rules.cold {
        cold::open(place).map_err(Failure::input)?;
    }
    let moves = &mut rules.namespace.default;
    for name in &set.drop {
        match name {
            RuleName::Warm => moves.warm = None,
            RuleName::Cold => moves.cold = None,
            RuleName::Gone => moves.gone = None,
        }
    }
    changed(&mut moves.warm, set.warm_after.as_deref(), set.warm_over)?;
    changed(&mut moves.cold, set.cold_after.as_deref(), set.cold_over)?;
    changed(&mut moves.gone, set.gone_after.as_deref(), set.gone_over)?;
    rules.write(&place.data)?;
    let file = Rules::file(&place.data);
    done(
        arguments,
        &json!({ "rules": file.to_string_lossy() }),
        &format!("the rules are in {}", file.display()),
    )
}

fn changed(rule: &mut Option<Rule>, after: Option<&str>, over: Option<u64>) -> Result<(), Failure> {
    if let Some(after) = after {
        rule.get_or_insert_default().after = Some(Age::parse(after).map_err(Failure::input)?);
    }
    if over.is_some() {
        rule.get_or_insert_default().over = over;
    }
    Ok(())
}

fn run_rules(arguments: &Arguments, run: &RunArguments) -> Result<(), Failure> {
    let rules = Rules::read(&Place::of(arguments)?.data)?;
    let runtime = place::open(arguments, Governing::Nothing)?;
    let asked = Asked { moves: rules.namespace.default, now: now(), clock_is_right: run.clock_is_right };
    let plan = runtime.plan_retention(&asked)?;
    if run.dry_run {
        return print(arguments, &runtime, &plan, "would move");
    }
    let bar = counting_bar(plan.moved.len() as u64, "moving");
    let outcome = runtime.run_retention(&asked, |_| bar.inc(1))?;
    bar.finish_and_clear();
    print(arguments, &runtime, &outcome, "moved")?;
    runtime.close()?;
    let troubles: Vec<String> = outcome.troubles.iter().map(ToString::to_string).collect();
    match &outcome.troubles[..] {
        [] => Ok(()),
        [Trouble::Clock(_)] => Err(Failure::check(troubles.join("\n"))),
        _ => Err(Failure::system(troubles.join("\n"))),
    }
}

/// The wall clock; before 1970 it is 1970.
fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    Timestamp::from_millis(since.map_or(0, |since| since.as_millis().try_into().unwrap_or(i64::MAX)))
}

fn print(arguments: &Arguments, runtime: &Runtime, outcome: &Outcome, verb: &str) -> Result<(), Failure> {
    if arguments.json {
        for (held, due) in
            outcome.moved.iter().map(|due| (false, due)).chain(outcome.held.iter().map(|due| (true, due)))
        {
            print_json(&due_json(runtime, due, held)?)?;
        }
        let troubles: Vec<String> = outcome.troubles.iter().map(ToString::to_string).collect();
        return Ok(print_json(&json!({
            "moved": outcome.moved.len(),
            "held": outcome.held.len(),
            "renewed": outcome.renewed,
            "swept": outcome.swept,
            "troubles": troubles,
        }))?);
    }
    for to in [Tier::Warm, Tier::Cold, Tier::Gone] {
        let moved: Vec<&Due> = outcome.moved.iter().filter(|due| due.to == to).collect();
        let (blocks, size) = sums(moved.iter().copied());
        if let Some(first) = moved.first() {
            anstream::println!(
                "{verb} {blocks} blocks with {} → {} {DIM}({}){DIM:#}",
                bytes(size),
                to.name(),
                first.rule
            );
        }
    }
    if outcome.moved.is_empty() {
        anstream::println!("nothing is due");
    }
    let (blocks, _) = sums(outcome.held.iter());
    if blocks > 0 {
        anstream::println!("{blocks} blocks are due to go and are held");
    }
    if outcome.renewed > 0 {
        anstream::println!("took erased people's content out of {} packs in the cold store", outcome.renewed);
    }
    if outcome.swept > 0 {
        anstream::println!("removed {} objects from the cold store that hold no block", outcome.swept);
    }
    if verb == "would move" {
        outcome.troubles.iter().for_each(|trouble| anstream::println!("{BAD}{trouble}{BAD:#}"));
    }
    Ok(())
}

fn sums<'d>(due: impl Iterator<Item = &'d Due>) -> (u64, u64) {
    due.fold((0, 0), |(blocks, bytes), due| (blocks + due.unit.blocks, bytes + due.unit.bytes))
}

fn due_json(runtime: &Runtime, due: &Due, held: bool) -> Result<Value, Failure> {
    Ok(json!({
        "log": runtime.log_of(due.unit.at)?.to_string(),
        "first": due.unit.at.block,
        "blocks": due.unit.blocks,
        "records": due.unit.records,
        "bytes": due.unit.bytes,
        "from": due.unit.tier.name(),
        "to": due.to.name(),
        "rule": due.rule,
        "held": held,
    }))
}
