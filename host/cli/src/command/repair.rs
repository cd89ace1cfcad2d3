//! `activemirror repair`: what is left of a damaged data directory.
//!
//! It ends with status 0 where everything is saved and with 1 where something is gone: the new data
//! directory is there and good in both cases, and whoever runs it unattended learns that there is
//! something to look at.

use activemirror::{Gone, Lost, Progress, Repaired, RepairedLog, Runtime, Saved, Stage, Tier};
use indicatif::ProgressBar;
use serde_json::json;

use crate::arguments::{Arguments, RepairArguments};
use crate::failure::Failure;
use crate::output::{BAD, DIM, GOOD, byte_bar, counting_bar, harmless, print_json, time};
use crate::place::{self, Place};

pub(crate) fn run(arguments: &Arguments, repair: &RepairArguments) -> Result<(), Failure> {
    let place = Place::of(arguments)?;
    let mut bars = Bars::new(&place);
    let repaired = Runtime::repair(&place::options_of(arguments)?, &repair.into, |done| bars.advance(done))?;
    bars.finish();
    if arguments.json {
        repaired.logs.iter().try_for_each(|log| print_json(&log_as_json(log)))?;
        print_json(&as_json(&repaired))?;
    } else {
        repaired.logs.iter().for_each(print_log);
        print_keys(&repaired);
        print_besides(&repaired);
        let into = repair.into.display();
        anstream::println!(
            "log {} goes on in {into}; put that in the place of the damaged data",
            repaired.log
        );
    }
    if repaired.is_whole() { Ok(()) } else { Err(Failure::check("not everything could be saved")) }
}

fn print_log(log: &RepairedLog) {
    let whose = if log.own { "this device" } else { "another device" };
    anstream::println!("log {} {DIM}({whose}){DIM:#}", log.log);
    anstream::println!("  {GOOD}✓{GOOD:#} {} blocks, {} records saved", log.blocks(), log.records());
    print_tiers(log);
    if !log.end_known {
        anstream::println!(
            "  {BAD}?{BAD:#} nothing signed is left that says where it ended: it may have been longer"
        );
    }
    for gone in &log.gone {
        let (first, last) = (gone.blocks.start, gone.blocks.end - 1);
        anstream::println!("  {BAD}✗{BAD:#} blocks {first} to {last}: {}", what(gone));
        let sequences = &gone.sequences;
        match sequences.is_empty() {
            true => {
                anstream::println!("      from sequence {} on; how many, nobody can tell", sequences.start)
            }
            false => anstream::println!("      sequences {} to {}", sequences.start, sequences.end - 1),
        }
        if let Some((min, max)) = gone.times {
            anstream::println!("      recorded {} to {}", time(min), time(max));
        }
        if !gone.traces.is_empty() {
            anstream::println!("      of the traces {}", harmless(&gone.traces.join(", ")));
        }
    }
}

/// Where the blocks are that were saved, if they are not all where they were written.
fn print_tiers(log: &RepairedLog) {
    let [_, warm, cold, went] = log.saved.map(|saved| saved.blocks);
    if warm + cold > 0 {
        let hot = log.saved(Tier::Hot).blocks;
        anstream::println!("      {hot} as they were written, {warm} in packs, {cold} in the cold store");
    }
    if went > 0 {
        anstream::println!("      {went} more went by retention before: of those the headers are saved");
    }
}

fn print_besides(repaired: &Repaired) {
    if let Some(why) = &repaired.cold {
        anstream::println!(
            "  {BAD}?{BAD:#} what is in the cold store could not be looked at, and nothing else tells whether what \
             leads there is right: {why}; repair again once it can be reached"
        );
    }
    for file in &repaired.besides_gone {
        anstream::println!("  {BAD}✗{BAD:#} {file} cannot be read; it is not in the new data directory");
    }
}

const fn what(gone: &Gone) -> &'static str {
    match gone.what {
        Lost::Records => "the records are gone; the headers still prove what they were",
        Lost::Everything => "gone",
    }
}

fn print_keys(repaired: &Repaired) {
    anstream::println!(
        "keys: {} saved, of which {} had to be put right",
        repaired.keys,
        repaired.keys_mended.min(repaired.keys)
    );
    if repaired.keys_gone > 0 {
        let (gone, people) = (repaired.keys_gone, repaired.closed.len());
        anstream::println!(
            "  {BAD}✗{BAD:#} {gone} are gone; what was sealed for {people} people stays closed"
        );
    }
}

fn as_json(repaired: &Repaired) -> serde_json::Value {
    json!({
        "log": repaired.log.to_string(),
        "parent": repaired.parent.to_string(),
        "whole": repaired.is_whole(),
        "carved": repaired.carved,
        "keys": repaired.keys,
        "keys_mended": repaired.keys_mended,
        "keys_gone": repaired.keys_gone,
        "people_closed": repaired.closed.len(),
        "cold_unreached": repaired.cold.as_ref().map(ToString::to_string),
        "files_gone": repaired.besides_gone,
    })
}

fn log_as_json(log: &RepairedLog) -> serde_json::Value {
    let gone = |gone: &Gone| {
        json!({
            "first_block": gone.blocks.start,
            "last_block": gone.blocks.end - 1,
            "headers": gone.what == Lost::Records,
            "first_sequence": gone.sequences.start,
            "end_sequence": gone.sequences.end,
            "earliest": gone.times.map(|(min, _)| time(min)),
            "latest": gone.times.map(|(_, max)| time(max)),
            "traces": gone.traces,
        })
    };
    json!({
        "log": log.log.to_string(),
        "own": log.own,
        "blocks": log.blocks(),
        "records": log.records(),
        "tiers": TIERS.map(|tier| tier_as_json(tier, log.saved(tier))),
        "end_known": log.end_known,
        "gone": log.gone.iter().map(gone).collect::<Vec<_>>(),
    })
}

const TIERS: [Tier; 4] = [Tier::Hot, Tier::Warm, Tier::Cold, Tier::Gone];

fn tier_as_json(tier: Tier, saved: Saved) -> serde_json::Value {
    json!({ "tier": tier.name(), "blocks": saved.blocks, "records": saved.records })
}

/// One bar a stage.
struct Bars {
    file_bytes: u64,
    bar: Option<(Stage, ProgressBar)>,
}

impl Bars {
    fn new(place: &Place) -> Self {
        let file_bytes = std::fs::metadata(place.data.join("log.redb")).map_or(0, |file| file.len());
        Self { file_bytes, bar: None }
    }

    fn advance(&mut self, Progress(stage, done): Progress) {
        if self.bar.as_ref().is_none_or(|(known, _)| *known != stage) {
            self.finish();
            let bar = match stage {
                Stage::Headers => byte_bar(self.file_bytes, "looking for headers"),
                Stage::Blocks => byte_bar(self.file_bytes, "looking for blocks"),
                Stage::Packs => byte_bar(self.file_bytes, "looking for packs"),
                Stage::Cold => counting_bar(0, "looking at the cold store"),
                Stage::Checking => counting_bar(0, "checking"),
                _ => counting_bar(0, "writing"),
            };
            self.bar = Some((stage, bar));
        }
        if let Some((_, bar)) = &self.bar {
            bar.inc(done);
        }
    }

    fn finish(&mut self) {
        if let Some((_, bar)) = self.bar.take() {
            bar.finish_and_clear();
        }
    }
}
