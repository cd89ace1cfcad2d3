//! Whether a draft claims what no tool has done.
//!
//! `I have refunded it`, `I cancelled it`, `it has been refunded`, `it is now cancelled` are
//! claims. They need an action whose name says so and whose tool answered; what is said in the
//! passive may also be what a tool or the user told. What comes with an `if`, a `not`, a `will` or
//! a question mark claims nothing.

use activemirror_guest::persona::{Event, Leaf, Value};

use crate::history::{History, key, texts};
use crate::text::{Sentence, sentences};

/// Why the draft's claims cannot stand, one sentence each.
pub(crate) fn unsupported(history: &History<'_>, draft: &str) -> impl Iterator<Item = String> {
    let mut reasons: Vec<String> = Vec::new();
    for sentence in sentences(draft) {
        let claims = claims(&sentence).into_iter().filter(|claim| !claim.is_supported(history));
        let guarantee = gives_guarantee(&sentence).then(|| GUARANTEE.to_owned());
        for reason in claims.map(|claim| claim.reason()).chain(guarantee) {
            if !reasons.contains(&reason) {
                reasons.push(reason);
            }
        }
    }
    reasons.into_iter()
}

/// A claim that something was done.
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
        format!("It claims that something was {}, and no tool has done that.", self.deed.said[0])
    }

    fn is_supported(&self, history: &History<'_>) -> bool {
        let has_done = |name: &[String]| {
            name.iter().any(|word| self.deed.done_by.iter().any(|stem| word.starts_with(stem)))
        };
        let by_deed = history.deeds.iter().any(|deed| has_done(&deed.name) || self.is_told_by(deed.answer));
        let by_hearsay = || {
            history.user_texts().any(|text| tells(text, self.deed))
                || history.answers().any(|answer| self.is_told_by(answer))
        };
        by_deed || (self.voice == Voice::Passive && by_hearsay())
    }

    fn is_told_by(&self, answer: &Event) -> bool {
        let is_paid_back = || self.deed.pays_back && answer.leaves.iter().any(is_negative_amount);
        texts(answer).any(|text| tells(text, self.deed))
            || answer.leaves.iter().any(|leaf| tells(&leaf.path, self.deed))
            || is_paid_back()
    }
}

fn tells(text: &str, deed: &Deed) -> bool {
    sentences(text).iter().any(|sentence| sentence.has(deed.said))
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
        let before = clause(&sentence.words[..at]);
        let is_weak = before.iter().any(|word| WEAKENING.contains(&&**word));
        let Some(deed) = deed(word, sentence).filter(|_| !is_weak) else { continue };
        let goes_on = before.last().is_some_and(|word| word == "and");
        let voice = voice(before).or(claims.last().filter(|_| goes_on).map(|claim| claim.voice));
        claims.extend(voice.map(|voice| Claim { deed, voice }));
    }
    claims
}

/// The words since the last `that`, which begins a clause of its own.
fn clause(before: &[String]) -> &[String] {
    let start = before.iter().rposition(|word| word == "that").map_or(0, |at| at + 1);
    &before[start..]
}

/// Who is said to have done it, from the words before the participle.
fn voice(before: &[String]) -> Option<Voice> {
    let is_adverb = |word: &String| ADVERBS.contains(&&**word);
    let end = before.iter().rposition(|word| !is_adverb(word))? + 1;
    let has_adverb = end < before.len();
    let word = |back: usize| end.checked_sub(back).map(|at| &*before[at]);
    match (word(1)?, word(2)) {
        ("have" | "ve", Some("i" | "we")) | ("i" | "we", _) => Some(Voice::Active),
        ("been", Some("have")) if word(3).is_some_and(|word| MODALS.contains(&word)) => None,
        ("been", Some("has" | "have" | "s")) => Some(Voice::Passive),
        ("been", Some(adverb)) if ADVERBS.contains(&adverb) => Some(Voice::Passive),
        ("is" | "are" | "was" | "were", _) if has_adverb => Some(Voice::Passive),
        _ => None,
    }
}

/// What a word says was done; `processed` says it of what the sentence is about.
fn deed(word: &str, sentence: &Sentence) -> Option<&'static Deed> {
    if word == "processed" || word == "completed" {
        return DEEDS.iter().find(|deed| sentence.has(deed.nouns));
    }
    DEEDS.iter().find(|deed| deed.said.contains(&word))
}

fn gives_guarantee(sentence: &Sentence) -> bool {
    let is_denied = sentence.has(&["not", "t", "cannot", "no", "never", "nothing"]);
    !is_denied && GUARANTEES.iter().any(|phrase| sentence.says(phrase))
}

/// Something an agent may do.
struct Deed {
    /// How it is said to be done.
    said: &'static [&'static str],
    /// What it is called.
    nouns: &'static [&'static str],
    /// How the names of actions that do it begin, word by word.
    done_by: &'static [&'static str],
    /// Whether a negative amount shows it.
    pays_back: bool,
}

const DEEDS: &[Deed] = &[
    Deed {
        said: &["refunded", "reimbursed"],
        nouns: &["refund", "refunds", "reimbursement"],
        done_by: &["refund", "reimburs", "credit"],
        pays_back: true,
    },
    Deed {
        said: &["cancelled", "canceled"],
        nouns: &["cancellation", "cancelation"],
        done_by: &["cancel"],
        pays_back: false,
    },
    Deed {
        said: &["booked", "reserved"],
        nouns: &["booking"],
        done_by: &["book", "reserve", "create", "update", "change", "modify"],
        pays_back: false,
    },
    Deed {
        said: &["upgraded", "downgraded"],
        nouns: &["upgrade", "downgrade"],
        done_by: &["upgrade", "downgrade", "update", "change", "modify"],
        pays_back: false,
    },
    Deed {
        said: &["changed", "updated", "modified", "rebooked", "rescheduled", "corrected", "edited"],
        nouns: &["change", "changes", "update", "modification"],
        done_by: &[
            "change",
            "update",
            "modify",
            "edit",
            "set",
            "reschedule",
            "correct",
            "patch",
            "move",
            "book",
        ],
        pays_back: false,
    },
    Deed {
        said: &["removed", "deleted", "erased"],
        nouns: &["removal", "deletion"],
        done_by: &["remove", "delete", "erase", "update", "close", "cancel"],
        pays_back: false,
    },
    Deed {
        said: &["added"],
        nouns: &["addition"],
        done_by: &["add", "update", "create", "set", "insert", "book"],
        pays_back: false,
    },
    Deed {
        said: &["transferred", "escalated", "forwarded"],
        nouns: &["transfer", "escalation"],
        done_by: &["transfer", "escalat", "human", "ticket", "forward"],
        pays_back: false,
    },
    Deed {
        said: &["sent", "emailed", "mailed"],
        nouns: &["delivery"],
        done_by: &["send", "email", "mail", "notify", "message", "issue"],
        pays_back: false,
    },
    Deed {
        said: &["issued", "credited"],
        nouns: &["certificate", "voucher"],
        done_by: &["issue", "send", "create", "credit", "voucher", "certificate", "refund"],
        pays_back: false,
    },
    Deed {
        said: &["charged", "paid"],
        nouns: &["payment", "charge"],
        done_by: &["charge", "pay", "book", "update", "purchase", "buy", "order"],
        pays_back: false,
    },
    Deed {
        said: &["filed", "submitted", "registered", "opened"],
        nouns: &["complaint", "claim"],
        done_by: &["file", "submit", "register", "open", "create", "ticket", "report", "claim"],
        pays_back: false,
    },
];

/// Words before a participle, in its clause, with which it claims nothing.
const WEAKENING: &[&str] = &[
    "if", "once", "when", "whenever", "after", "whether", "unless", "until", "before", "not", "never",
    "cannot",
];
const MODALS: &[&str] = &["will", "would", "can", "could", "should", "may", "might", "must", "to"];
const ADVERBS: &[&str] = &["just", "now", "already", "successfully", "also", "fully", "immediately", "then"];

const GUARANTEE: &str = "It gives a guarantee, which no tool can support.";
const GUARANTEES: &[&str] =
    &["i guarantee", "we guarantee", "i promise", "we promise", "is guaranteed", "are guaranteed"];
