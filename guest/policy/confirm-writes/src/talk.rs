//! Every value that was spoken of, with marks that say by whom, and what became of it.
//!
//! One table instead of a set for each question, since most values answer several: a flight is
//! named in an offer, agreed to, and past after the booking. What was spoken of last is kept
//! longest. A forgotten value can only make a call look less agreed to, never more.
//!
//! Each entry also says in which turn it was spoken of last. A *kind*, such as flight numbers or
//! totals, is entered beside each of its values, so a value whose kind was spoken of in a later
//! turn has been superseded.

use core::ops::BitOr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::term::{Term, rows};

/// Values that are kept.
const SPOKEN_MAX: usize = 366;

/// What is known of a value; several at once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Marks(u16);

impl Marks {
    /// The agent spoke of it in this episode.
    pub(crate) const AGENT: Self = Self(1);
    /// The user did.
    pub(crate) const USER: Self = Self(1 << 1);
    /// Somebody did in an earlier episode.
    pub(crate) const PAST: Self = Self(1 << 2);
    /// It is in the present offer.
    pub(crate) const OFFERED: Self = Self(1 << 3);
    /// It is in the question that the offer asks.
    pub(crate) const ASKED: Self = Self(1 << 4);
    /// It is in the exchange by which the user agreed.
    pub(crate) const AGREED: Self = Self(1 << 5);
    /// It is in the question that the user said yes to, or in the yes.
    pub(crate) const AFFIRMED: Self = Self(1 << 6);
    /// The offer names it as what to pay with.
    pub(crate) const PAY_OFFERED: Self = Self(1 << 7);
    /// It is what to pay with.
    pub(crate) const PAYING: Self = Self(1 << 8);
    /// It was said to be the end of a number.
    pub(crate) const ENDING: Self = Self(1 << 9);
    /// The user wants it left alone.
    pub(crate) const EXCLUDED: Self = Self(1 << 10);
    /// The user put it in place of what was offered.
    pub(crate) const DEMANDED: Self = Self(1 << 11);
    /// It was said to be an amount of money.
    pub(crate) const MONEY: Self = Self(1 << 12);

    /// The user named it in the reply by which consent was given, or completed.
    pub(crate) const CHOSEN: Self = Self(1 << 13);

    pub(crate) fn meet(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }
}

impl BitOr for Marks {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// A value, its marks and its turn: the term's three bytes, then the marks' two, least significant
/// first, then the turn. It is kept as it stands in the state, where hundreds of them are.
#[derive(Clone, Copy)]
struct Spoken {
    term: Term,
    marks: Marks,
    turn: u8,
}

impl Spoken {
    const fn from_bytes([a, b, c, d, e, turn]: [u8; 6]) -> Self {
        Self { term: Term::from_bytes([a, b, c]), marks: Marks(u16::from_le_bytes([d, e])), turn }
    }

    const fn bytes(self) -> [u8; 6] {
        let ([a, b, c], [d, e]) = (self.term.bytes(), self.marks.0.to_le_bytes());
        [a, b, c, d, e, self.turn]
    }
}

/// Every value that was spoken of, the latest last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Talk {
    /// The present turn: an offer of the agent and the reply to it.
    turn: u8,
    spoken: Vec<[u8; 6]>,
    /// One bit for many terms: a term without its bit was not spoken of. Empty until somebody
    /// speaks: most events ask for no value.
    seen: Vec<u64>,
}

impl Serialize for Talk {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (self.turn, Rows(self.spoken.as_flattened())).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Talk {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (turn, Spokens(spoken)) = Deserialize::deserialize(deserializer)?;
        Ok(Self { turn, spoken, seen: Vec::new() })
    }
}

/// Bytes that are written as such, and not one by one.
struct Rows<'s>(&'s [u8]);

impl Serialize for Rows<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self.0)
    }
}

struct Spokens(Vec<[u8; 6]>);

impl<'de> Deserialize<'de> for Spokens {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        rows(deserializer).map(Self)
    }
}

impl Talk {
    /// Whether the table is within its bounds, as one read from a state may not be.
    pub(crate) fn bounded(&self) -> bool {
        self.spoken.len() <= SPOKEN_MAX
    }

    /// Somebody speaks of a value.
    pub(crate) fn note(&mut self, term: Term, marks: Marks) {
        if self.seen.is_empty() {
            self.see_all();
        }
        let known = self.find(term).map(|at| Spoken::from_bytes(self.spoken.remove(at)));
        if self.spoken.len() >= SPOKEN_MAX {
            self.spoken.remove(0);
        }
        self.see(term);
        let marks = known.map_or(marks, |known| known.marks | marks);
        self.spoken.push(Spoken { term, marks, turn: self.turn }.bytes());
    }

    /// The next turn begins. Turns long past are told apart no more.
    pub(crate) fn begin_turn(&mut self) {
        if self.turn == u8::MAX {
            self.turn /= 2;
            self.spoken.iter_mut().for_each(|[.., turn]| *turn = turn.saturating_sub(u8::MAX / 2 + 1));
        }
        self.turn += 1;
    }

    /// Whether the value was spoken of no earlier than any other of its kind.
    pub(crate) fn is_current(&self, value: Term, kind: Term) -> bool {
        self.turn(kind).is_none() || self.turn(value) >= self.turn(kind)
    }

    /// Whether no other of its kind was spoken of more than a turn later.
    pub(crate) fn is_recent(&self, value: Term, kind: Term) -> bool {
        let next = self.turn(value).map(|turn| turn.saturating_add(1));
        self.turn(kind).is_none() || next >= self.turn(kind)
    }

    /// The turn in which a value was spoken of last.
    fn turn(&self, term: Term) -> Option<u8> {
        self.find(term).map(|at| Spoken::from_bytes(self.spoken[at]).turn)
    }

    /// Takes the marks off one value.
    pub(crate) fn unmark(&mut self, term: Term, marks: Marks) {
        if let Some(at) = self.find(term) {
            change(&mut self.spoken[at], |known| known.without(marks));
        }
    }

    /// Whether a value has one of these marks.
    pub(crate) fn has(&self, term: Term, marks: Marks) -> bool {
        self.find(term).is_some_and(|at| marks_of(&self.spoken[at]).meet(marks))
    }

    /// The values with one of these marks.
    pub(crate) fn with(&self, marks: Marks) -> impl Iterator<Item = Term> + '_ {
        let with = self.spoken.iter().filter(move |spoken| marks_of(spoken).meet(marks));
        with.map(|spoken| Spoken::from_bytes(*spoken).term)
    }

    /// Whether any value has one of these marks.
    pub(crate) fn any(&self, marks: Marks) -> bool {
        self.with(marks).next().is_some()
    }

    /// Gives each value that has one of the marks `from` the marks `to` as well.
    pub(crate) fn spread(&mut self, from: Marks, to: Marks) {
        for spoken in self.spoken.iter_mut().filter(|spoken| marks_of(spoken).meet(from)) {
            change(spoken, |known| known | to);
        }
    }

    /// Takes the marks off every value.
    pub(crate) fn wipe(&mut self, marks: Marks) {
        for spoken in &mut self.spoken {
            change(spoken, |known| known.without(marks));
        }
    }

    fn find(&self, term: Term) -> Option<usize> {
        let (word, bit) = term.place(SEEN_WORDS);
        let seen = self.seen.get(word).is_none_or(|seen| seen & bit != 0);
        let bytes = term.bytes();
        seen.then(|| self.spoken.iter().rposition(|[a, b, c, ..]| [*a, *b, *c] == bytes)).flatten()
    }

    fn see_all(&mut self) {
        self.seen.resize(SEEN_WORDS, 0);
        for at in 0..self.spoken.len() {
            self.see(Spoken::from_bytes(self.spoken[at]).term);
        }
    }

    fn see(&mut self, term: Term) {
        let (word, bit) = term.place(SEEN_WORDS);
        self.seen[word] |= bit;
    }
}

fn marks_of(spoken: &[u8; 6]) -> Marks {
    Spoken::from_bytes(*spoken).marks
}

fn change(spoken: &mut [u8; 6], marks: impl FnOnce(Marks) -> Marks) {
    let known = Spoken::from_bytes(*spoken);
    *spoken = Spoken { marks: marks(known.marks), ..known }.bytes();
}

/// Words of bits, ten bits for each value that is kept.
const SEEN_WORDS: usize = 64;
