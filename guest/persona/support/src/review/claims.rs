//! Whether a draft claims what no tool has done.
//!
//! `I have refunded it`, `I cancelled it`, `it has been refunded`, `it is now cancelled` are
//! claims. They need an action that a tool answered for, and whose name says so, or that wrote and
//! whose answer says so; what is said in the passive may also be what any tool or the user told.
//! What comes with an `if`, a `not`, a `will` or a question mark claims nothing.

use activemirror_guest::persona::{Event, Leaf, Value};

use crate::history::{self, History, key, texts};
use crate::text::{Sentence, Word, rows, words, words_of};

/// Why the draft's claims cannot stand, one sentence each.
pub(crate) fn unsupported(history: &History<'_>, draft: &[Sentence]) -> impl Iterator<Item = String> {
    let mut distinct: Vec<Claim> = Vec::new();
    for claim in draft.iter().flat_map(claims) {
        if !distinct.contains(&claim) {
            distinct.push(claim);
        }
    }
    let guarantee = draft.iter().any(gives_guarantee).then(|| GUARANTEE.to_owned());
    let mut reasons: Vec<String> =
        distinct.iter().filter(|claim| !claim.is_supported(history)).map(Claim::reason).collect();
    reasons.sort_unstable();
    reasons.dedup();
    reasons.into_iter().chain(guarantee)
}

/// A claim that something was done.
#[derive(Clone, Copy, PartialEq)]
struct Claim {
    deed: &'static Deed,
    voice: Voice,
}

#[derive(Clone, Copy, PartialEq)]
enum Voice {
    /// `I have refunded it`.
    Active,
    /// `It has been refunded`.
    Passive,
}

impl Claim {
    fn reason(&self) -> String {
        format!("It claims that something was {}, and no tool has done that.", self.deed.name)
    }

    fn is_supported(self, history: &History<'_>) -> bool {
        let told_by_any = || history.answers().any(|answer| self.is_told_by(answer));
        let told_by_user = || history.user_texts().any(|text| self.is_told_in(text));
        history.deeds.iter().any(|deed| self.is_done_by(deed))
            || (self.voice == Voice::Passive && (told_by_user() || told_by_any()))
    }

    fn is_done_by(self, deed: &history::Deed<'_>) -> bool {
        let mut stems = self.deed.done_by.split(' ');
        let mut is_named = || stems.any(|stem| deed.name.iter().any(|word| word.starts_with(stem)));
        let only_reads = deed.name.first().is_some_and(|word| READING.contains(&&**word));
        !only_reads && (is_named() || self.is_told_by(deed.answer))
    }

    fn is_told_by(self, answer: &Event) -> bool {
        let is_paid_back = || self.deed.pays_back && answer.leaves.iter().any(is_negative_amount);
        texts(answer).any(|text| self.is_told_in(text))
            || answer.leaves.iter().any(|leaf| self.is_told_in(&leaf.path))
            || is_paid_back()
    }

    fn is_told_in(self, text: &str) -> bool {
        words_of(text).any(|word| word.is_one_of(self.deed.said))
    }
}

/// An amount below zero is money that went back.
fn is_negative_amount(leaf: &Leaf) -> bool {
    let is_negative = match &leaf.value {
        Value::Signed(amount) => *amount < 0,
        Value::Float(amount) => *amount < 0.0,
        Value::Decimal(amount) => amount.starts_with('-'),
        _ => false,
    };
    is_negative && matches!(key(leaf), "amount" | "total" | "balance")
}

fn claims(sentence: &Sentence) -> Vec<Claim> {
    let mut claims: Vec<Claim> = Vec::new();
    if sentence.is_question {
        return claims;
    }
    for (at, word) in sentence.words.iter().enumerate() {
        let Some(deed) = deed(*word, sentence) else { continue };
        let before = clause(&sentence.words[..at]);
        if before.iter().any(|word| word.is_one_of(WEAKENING)) {
            continue;
        }
        let goes_on = before.last() == Some(&AND);
        let voice = voice(before).or(claims.last().filter(|_| goes_on).map(|claim| claim.voice));
        claims.extend(voice.map(|voice| Claim { deed, voice }));
    }
    claims
}

/// The last words, since a `that`, which begins a clause of its own.
fn clause(before: &[Word]) -> &[Word] {
    let before = &before[before.len().saturating_sub(CLAUSE_WORDS_MAX)..];
    let start = before.iter().rposition(|word| *word == THAT).map_or(0, |at| at + 1);
    &before[start..]
}

/// Who is said to have done it, from the words before the participle.
fn voice(before: &[Word]) -> Option<Voice> {
    let end = before.iter().rposition(|word| !word.is_one_of(ADVERBS))? + 1;
    let has_adverb = end < before.len();
    let is = |back: usize, words| end.checked_sub(back).is_some_and(|at| before[at].is_one_of(words));
    match () {
        () if is(1, words![i we]) || (is(1, words![have ve]) && is(2, words![i we])) => Some(Voice::Active),
        () if is(1, words![been]) && is(2, words![have]) && is(3, MODALS) => None,
        () if is(1, words![been]) && (is(2, words![has have s]) || is(2, ADVERBS)) => Some(Voice::Passive),
        () if is(1, words![is are was were]) && has_adverb => Some(Voice::Passive),
        () => None,
    }
}

/// What a word says was done; `processed` says it of what the sentence is about.
fn deed(word: Word, sentence: &Sentence) -> Option<&'static Deed> {
    match word.is_one_of(words![processed completed]) {
        true => DEEDS.iter().find(|deed| sentence.has(deed.nouns)),
        false => DEEDS.iter().find(|deed| word.is_one_of(deed.said)),
    }
}

fn gives_guarantee(sentence: &Sentence) -> bool {
    let is_denied = sentence.has(words![not t cannot no never nothing]);
    !is_denied && sentence.count(GUARANTEES) > 0
}

/// Something an agent may do.
#[derive(PartialEq)]
struct Deed {
    /// How a reason says it.
    name: &'static str,
    /// How it is said to be done.
    said: &'static [Word],
    /// What it is called.
    nouns: &'static [Word],
    /// How words of the names of actions begin that do it.
    done_by: &'static str,
    /// Whether a negative amount shows it.
    pays_back: bool,
}

const DEEDS: &[Deed] = &[
    Deed {
        name: "refunded",
        said: words![refunded reimbursed],
        nouns: words![refund refunds reimbursement],
        done_by: "refund reimburs credit",
        pays_back: true,
    },
    Deed {
        name: "cancelled",
        said: words![cancelled canceled],
        nouns: words![cancellation cancelation],
        done_by: "cancel",
        pays_back: false,
    },
    Deed {
        name: "booked",
        said: words![booked reserved],
        nouns: words![booking],
        done_by: "book reserve create update change modify",
        pays_back: false,
    },
    Deed {
        name: "upgraded",
        said: words![upgraded downgraded],
        nouns: words![upgrade downgrade],
        done_by: "upgrade downgrade update change modify",
        pays_back: false,
    },
    Deed {
        name: "changed",
        said: words![changed updated modified rebooked rescheduled corrected edited],
        nouns: words![change changes update modification],
        done_by: "change update modify edit set reschedule correct patch move book",
        pays_back: false,
    },
    Deed {
        name: "removed",
        said: words![removed deleted erased],
        nouns: words![removal deletion],
        done_by: "remove delete erase update close cancel",
        pays_back: false,
    },
    Deed {
        name: "added",
        said: words![added],
        nouns: words![addition],
        done_by: "add update create set insert book",
        pays_back: false,
    },
    Deed {
        name: "transferred",
        said: words![transferred escalated forwarded],
        nouns: words![transfer escalation],
        done_by: "transfer escalat human ticket forward",
        pays_back: false,
    },
    Deed {
        name: "sent",
        said: words![sent emailed mailed],
        nouns: words![delivery],
        done_by: "send email mail notify message issue",
        pays_back: false,
    },
    Deed {
        name: "issued",
        said: words![issued credited],
        nouns: words![certificate voucher],
        done_by: "issue send create credit voucher certificate refund",
        pays_back: false,
    },
    Deed {
        name: "charged",
        said: words![charged paid],
        nouns: words![payment charge],
        done_by: "charge pay book update purchase buy order",
        pays_back: false,
    },
    Deed {
        name: "filed",
        said: words![filed submitted registered opened],
        nouns: words![complaint claim],
        done_by: "file submit register open create ticket report claim",
        pays_back: false,
    },
];

/// Words before a participle, in its clause, with which it claims nothing.
const WEAKENING: &[Word] = words![if once when whenever after whether unless until before not never cannot];
const MODALS: &[Word] = words![will would can could should may might must to];
const AND: Word = Word::of("and");
const THAT: Word = Word::of("that");
const ADVERBS: &[Word] = words![just now already successfully also fully immediately then];

/// How the names of actions begin that change nothing.
const READING: &[&str] = &[
    "get",
    "list",
    "search",
    "find",
    "look",
    "lookup",
    "fetch",
    "read",
    "check",
    "show",
    "calculate",
    "query",
    "think",
];
/// Longer clauses are read from behind.
const CLAUSE_WORDS_MAX: usize = 40;

const GUARANTEE: &str = "It gives a guarantee, which no tool can support.";
const GUARANTEES: &[&[Word]] = rows![
    [i guarantee] [we guarantee] [i promise] [we promise] [is guaranteed] [are guaranteed]
];
