//! Every disk that a power cut could have left behind.

use core::fmt;

use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};

use crate::disk::{Change, File, Files};

/// What a disk writes at once.
const SECTOR: usize = 512;
/// With so many changes under way all their subsets are made, and beyond that a sample.
const FEW: usize = 4;

/// How an image came to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cut {
    /// Every change so far is there.
    Prefix,
    /// Of what was not synced, some is there: by place among the samples.
    Subset(u64),
    /// One change is there in part, among all or some of the others.
    Torn(u64),
}

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Prefix => f.write_str("everything so far"),
            Self::Subset(sample) => write!(f, "subset {sample}"),
            Self::Torn(sample) => write!(f, "torn write {sample}"),
        }
    }
}

/// A disk as a power cut left it.
#[derive(Clone, Debug)]
pub struct Image {
    /// How many changes there were before the power went.
    pub changes: usize,
    /// What became of them.
    pub cut: Cut,
    /// What is left.
    pub files: Files,
}

/// How many images are made.
#[derive(Clone, Copy, Debug)]
pub struct Density {
    /// At one of so many changes, what was not synced is there in part.
    pub one_in: u32,
    /// Subsets at each of these changes.
    pub subsets: u64,
    /// Torn writes at each of these changes, and at each write of the keys' file.
    pub torn: u64,
}

/// Goes through what was done to a disk, and cuts the power everywhere.
#[derive(Debug)]
pub struct Walk<'h> {
    history: &'h [Change],
    now: Files,
    durable: Files,
    /// Places of changes that no sync made durable.
    pending: Vec<usize>,
    density: Density,
    dice: Xoshiro256PlusPlus,
}

impl<'h> Walk<'h> {
    /// From these files, both durable, through these changes.
    #[must_use]
    pub fn new(start: Files, history: &'h [Change], density: Density, seed: u64) -> Self {
        let dice = Xoshiro256PlusPlus::seed_from_u64(seed);
        Self { history, durable: start.clone(), now: start, pending: Vec::new(), density, dice }
    }

    /// Hands over every image, in order.
    pub fn images(mut self, mut take: impl FnMut(Image)) {
        for changes in 0..=self.history.len() {
            let next = self.history.get(changes);
            // A sync changes no file, and after it more must be there than before it.
            if !matches!(next, Some(Change::Sync(_))) {
                take(Image { changes, cut: Cut::Prefix, files: self.now.clone() });
            }
            let keys =
                changes > 0 && matches!(self.history[changes - 1], Change::Write { file: File::Keys, .. });
            let sampled = self.dice.random_range(0..self.density.one_in) == 0;
            if !self.pending.is_empty() && (keys || sampled) {
                self.subsets(changes, &mut take);
                self.torn(changes, &mut take);
            }
            if let Some(change) = next {
                self.apply(changes, change);
            }
        }
    }

    fn apply(&mut self, place: usize, change: &Change) {
        self.now.apply(change);
        match change {
            Change::Sync(file) => {
                *self.durable.file(*file) = self.now.file(*file).clone();
                self.pending.retain(|pending| self.history[*pending].file() != *file);
            }
            _ => self.pending.push(place),
        }
    }

    fn subsets(&mut self, changes: usize, take: &mut impl FnMut(Image)) {
        let count = self.pending.len();
        let all = 1_u64 << count.min(FEW);
        let samples = if count <= FEW { all } else { self.density.subsets };
        for sample in 0..samples {
            let chosen: Vec<usize> = if count <= FEW {
                let here = self.pending.iter().enumerate().filter(|(bit, _)| sample >> bit & 1 == 1);
                here.map(|(_, place)| *place).collect()
            } else {
                self.some()
            };
            let mut files = self.durable.clone();
            chosen.iter().for_each(|place| files.apply(&self.history[*place]));
            take(Image { changes, cut: Cut::Subset(sample), files });
        }
    }

    fn torn(&mut self, changes: usize, take: &mut impl FnMut(Image)) {
        let writes = self.pending.iter().copied();
        let writes: Vec<usize> =
            writes.filter(|place| matches!(self.history[*place], Change::Write { .. })).collect();
        if writes.is_empty() {
            return;
        }
        for sample in 0..self.density.torn {
            // The newest write is the likeliest to be under way.
            let newest = sample % 2 == 0;
            let torn = if newest { writes.len() - 1 } else { self.dice.random_range(0..writes.len()) };
            let torn = writes[torn];
            let others = if sample % 4 < 2 { self.pending.clone() } else { self.some() };
            let mut files = self.durable.clone();
            for place in &self.pending.clone() {
                if *place == torn {
                    self.tear(&mut files, torn);
                } else if others.contains(place) {
                    files.apply(&self.history[*place]);
                }
            }
            take(Image { changes, cut: Cut::Torn(sample), files });
        }
    }

    /// Some of what is pending.
    fn some(&mut self) -> Vec<usize> {
        let odds = self.dice.random_range(1..8);
        self.pending.iter().copied().filter(|_| self.dice.random_range(0..8) < odds).collect()
    }

    /// Writes a part of it.
    fn tear(&mut self, files: &mut Files, place: usize) {
        let Change::Write { file, offset, bytes } = &self.history[place] else { return };
        let file = files.file(*file);
        let cut = self.dice.random_range(0..bytes.len());
        match self.dice.random_range(0..4) {
            0 => file.write(*offset, &bytes[..cut]),
            1 => file.write(offset + cut, &bytes[cut..]),
            2 => file.write(*offset, &bytes[..cut - cut % SECTOR.min(bytes.len())]),
            _ => {
                for (sector, part) in bytes.chunks(SECTOR).enumerate() {
                    if self.dice.random_range(0..2) == 0 {
                        file.write(offset + sector * SECTOR, part);
                    }
                }
            }
        }
    }
}
