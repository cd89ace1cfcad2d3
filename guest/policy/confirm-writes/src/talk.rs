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

use serde::{Deserialize, Serialize};

use crate::term::Term;

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

/// A value, its marks and its turn: on the wire the term's three bytes, then the marks' two, least
/// significant first, then the turn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "[u8; 6]", from = "[u8; 6]")]
struct Spoken {
    term: Term,
    marks: Marks,
    turn: u8,
}

impl From<Spoken> for [u8; 6] {
    fn from(spoken: Spoken) -> Self {
        let [a, b, c] = spoken.term.into();
        let [d, e] = spoken.marks.0.to_le_bytes();
        [a, b, c, d, e, spoken.turn]
    }
}

impl From<[u8; 6]> for Spoken {
    fn from([a, b, c, d, e, turn]: [u8; 6]) -> Self {
        Self { term: [a, b, c].into(), marks: Marks(u16::from_le_bytes([d, e])), turn }
    }
}

/// Every value that was spoken of, the latest last.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "(u8, Vec<Spoken>)", into = "(u8, Vec<Spoken>)")]
pub(crate) struct Talk {
    /// The present turn: an offer of the agent and the reply to it.
    turn: u8,
    spoken: Vec<Spoken>,
    /// One bit for many terms: a term without its bit was not spoken of.
    seen: Vec<u64>,
}

impl From<(u8, Vec<Spoken>)> for Talk {
    fn from((turn, spoken): (u8, Vec<Spoken>)) -> Self {
        let mut talk = Self { turn, spoken, seen: Vec::new() };
        for at in 0..talk.spoken.len() {
            talk.see(talk.spoken[at].term);
        }
        talk
    }
}

impl From<Talk> for (u8, Vec<Spoken>) {
    fn from(talk: Talk) -> Self {
        (talk.turn, talk.spoken)
    }
}

impl Talk {
    /// Whether the table is within its bounds, as one read from a state may not be.
    pub(crate) fn bounded(&self) -> bool {
        self.spoken.len() <= SPOKEN_MAX
    }

    /// Somebody speaks of a value.
    pub(crate) fn note(&mut self, term: Term, marks: Marks) {
        let known = self.find(term).map(|at| self.spoken.remove(at));
        if self.spoken.len() >= SPOKEN_MAX {
            self.spoken.remove(0);
        }
        self.see(term);
        let marks = known.map_or(marks, |known| known.marks | marks);
        self.spoken.push(Spoken { term, marks, turn: self.turn });
    }

    /// The next turn begins. Turns long past are told apart no more.
    pub(crate) fn begin_turn(&mut self) {
        if self.turn == u8::MAX {
            self.turn /= 2;
            self.spoken
                .iter_mut()
                .for_each(|spoken| spoken.turn = spoken.turn.saturating_sub(u8::MAX / 2 + 1));
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
        self.find(term).map(|at| self.spoken[at].turn)
    }

    /// Takes the marks off one value.
    pub(crate) fn unmark(&mut self, term: Term, marks: Marks) {
        if let Some(at) = self.find(term) {
            self.spoken[at].marks = self.spoken[at].marks.without(marks);
        }
    }

    /// Whether a value has one of these marks.
    pub(crate) fn has(&self, term: Term, marks: Marks) -> bool {
        self.find(term).is_some_and(|at| self.spoken[at].marks.meet(marks))
    }

    /// The values with one of these marks.
    pub(crate) fn with(&self, marks: Marks) -> impl Iterator<Item = Term> + '_ {
        self.spoken.iter().filter(move |spoken| spoken.marks.meet(marks)).map(|spoken| spoken.term)
    }

    /// Whether any value has one of these marks.
    pub(crate) fn any(&self, marks: Marks) -> bool {
        self.with(marks).next().is_some()
    }

    /// Gives each value that has one of the marks `from` the marks `to` as well.
    pub(crate) fn spread(&mut self, from: Marks, to: Marks) {
        for spoken in self.spoken.iter_mut().filter(|spoken| spoken.marks.meet(from)) {
            spoken.marks = spoken.marks | to;
        }
    }

    /// Takes the marks off every value.
    pub(crate) fn wipe(&mut self, marks: Marks) {
        for spoken in &mut self.spoken {
            spoken.marks = spoken.marks.without(marks);
        }
    }

    fn find(&self, term: Term) -> Option<usize> {
        let (word, bit) = term.place(SEEN_WORDS);
        let seen = self.seen.get(word).is_some_and(|seen| seen & bit != 0);
        seen.then(|| self.spoken.iter().rposition(|spoken| spoken.term == term)).flatten()
    }

    fn see(&mut self, term: Term) {
        self.seen.resize(SEEN_WORDS, 0);
        let (word, bit) = term.place(SEEN_WORDS);
        self.seen[word] |= bit;
    }
}

/// Words of bits, ten bits for each value that is kept.
const SEEN_WORDS: usize = 64;
