//! The power goes, anywhere: what was acknowledged is there, and the store opens and goes on.
//!
//! A failure names its seed and its image, and leaves the image's files in the build's folder for
//! temporary files. `SIM_SEED=7 cargo nextest run --release -p activemirror-sim power` plays one
//! seed only; `SIM_SEEDS=200` plays so many.

use core::ops::Range;
use std::collections::BTreeMap;

use activemirror_sim::check::{check, goes_on};
use activemirror_sim::disk::{Change, Disk, Files};
use activemirror_sim::image::{Cut, Density, Image, Walk};
use activemirror_sim::ledger::Ledger;
use activemirror_sim::player::{Player, Step, steps};

const DENSITY: Density = Density { one_in: 9, subsets: 10, torn: 8 };
/// What recovery does is short, and done again after each power cut.
const RECOVERY: Density = Density { one_in: 3, subsets: 4, torn: 4 };
/// At one of so many images, the power goes again while the store recovers.
const AGAIN: u64 = 61;
/// At one of so many images, the store is used on.
const USED: u64 = 5;

/// Images that held, by what was cut.
#[derive(Debug, Default)]
struct Count(BTreeMap<&'static str, u64>);

impl Count {
    fn one(&mut self, cut: Cut, again: bool) -> u64 {
        let name = match (cut, again) {
            (Cut::Prefix, false) => "prefixes",
            (Cut::Subset(_), false) => "subsets",
            (Cut::Torn(_), false) => "torn writes",
            (Cut::Prefix, true) => "prefixes of recoveries",
            (Cut::Subset(_), true) => "subsets of recoveries",
            (Cut::Torn(_), true) => "torn writes of recoveries",
        };
        let count = self.0.entry(name).or_default();
        *count += 1;
        *count
    }
}

/// Plays a seed, and says what it did to the disk.
fn play(seed: u64, steps: &[Step]) -> (Vec<Change>, Ledger) {
    let disk = Disk::default();
    let mut player = Player::new(disk.clone(), seed);
    for step in steps {
        player.step(*step).unwrap_or_else(|error| panic!("seed {seed}, {step:?}: {error}"));
    }
    let ledger = player.end();
    (disk.history(), ledger)
}

/// Power cuts after which something was wrong.
#[derive(Debug, Default)]
struct Wrong(Vec<String>);

impl Wrong {
    /// Notes it, and keeps the files of the first.
    fn note(&mut self, seed: u64, image: &Image, recovery: Option<(usize, Cut)>, error: &anyhow::Error) {
        if self.0.is_empty() {
            let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"));
            let _ = std::fs::write(folder.join(format!("{seed}.redb")), image.files.log.to_vec());
            let _ = std::fs::write(folder.join(format!("{seed}.keys")), image.files.keys.to_vec());
        }
        let again = recovery.map(|(changes, cut)| format!(", again after {changes} of its recovery, {cut}"));
        let (changes, cut, again) = (image.changes, image.cut, again.unwrap_or_default());
        self.0.push(format!("seed {seed}: cut after {changes} changes, {cut}{again}: {error:#}"));
    }

    #[track_caller]
    fn none(&self) {
        let some = self.0[..self.0.len().min(20)].join("\n");
        assert!(self.0.is_empty(), "{} of the images do not hold:\n{some}", self.0.len());
    }
}

fn hold(seed: u64, image: &Image, ledger: &Ledger, count: &mut Count, wrong: &mut Wrong) {
    let number = count.one(image.cut, false);
    let held = check(image.files.clone(), ledger, image.changes).and_then(|disk| {
        let recovery = disk.history();
        if number.is_multiple_of(USED) { goes_on(&disk).map(|()| recovery) } else { Ok(recovery) }
    });
    let recovery = match held {
        Ok(recovery) => recovery,
        Err(error) => return wrong.note(seed, image, None, &error),
    };
    if number.is_multiple_of(AGAIN) {
        Walk::new(image.files.clone(), &recovery, RECOVERY, seed).images(|again| {
            count.one(again.cut, true);
            if let Err(error) = check(again.files.clone(), ledger, image.changes) {
                wrong.note(seed, image, Some((again.changes, again.cut)), &error);
            }
        });
    }
}

fn seeds(usual: Range<u64>) -> Range<u64> {
    let number = |name| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    match (number("SIM_SEED"), number("SIM_SEEDS")) {
        (Some(seed), _) => seed..seed + 1,
        (_, Some(count)) => usual.start..usual.start + count,
        _ => usual,
    }
}

fn cut_everywhere(usual: Range<u64>, steps: impl Fn(u64) -> Vec<Step>) {
    let (mut count, mut wrong) = (Count::default(), Wrong::default());
    for seed in seeds(usual) {
        let (history, ledger) = play(seed, &steps(seed));
        let walk = Walk::new(Files::default(), &history, DENSITY, seed);
        walk.images(|image| hold(seed, &image, &ledger, &mut count, &mut wrong));
    }
    println!("{:?}", count.0);
    wrong.none();
}

#[test]
fn a_power_cut_takes_nothing_that_was_acknowledged() {
    cut_everywhere(0..6, |seed| steps(seed, 14));
}

#[test]
fn nor_does_one_while_payloads_move() {
    let moving = [
        Step::Meet,
        Step::Append,
        Step::Meet,
        Step::Append,
        Step::Pack,
        Step::Append,
        Step::Erase,
        Step::Pack,
        Step::Cool,
        Step::Append,
        Step::Erase,
        Step::LetGo,
        Step::Pack,
        Step::Cool,
        Step::LetGo,
        Step::LetGo,
        Step::Close,
    ];
    cut_everywhere(200..203, |_| moving.to_vec());
}

#[test]
fn nor_does_one_while_small_blocks_are_merged() {
    let merging = |seed| {
        let (begin, said) = ([Step::Meet, Step::Append, Step::Meet], [Step::Append; 16]);
        let further = if seed % 2 == 0 { &[Step::Erase, Step::Group][..] } else { &said };
        [&begin[..], &said, &[Step::Merge], further, &[Step::Merge, Step::Erase, Step::Close]].concat()
    };
    cut_everywhere(300..302, merging);
}

#[test]
fn nor_does_one_while_many_record() {
    cut_everywhere(100..102, |_| vec![Step::Meet, Step::Meet, Step::Crowd, Step::Reopen]);
}

#[test]
fn a_seed_plays_the_same_each_time() {
    let steps = steps(3, 20);
    let ((first, _), (second, _)) = (play(3, &steps), play(3, &steps));
    let differs = first.iter().zip(&second).position(|(one, other)| one != other);
    assert_eq!((differs, first.len()), (None, second.len()));
}
