//! The phrases by which a user agrees, declines, hesitates and changes what was proposed.

use crate::phrase::{Phrase, phrases};

/// At the beginning of a sentence.
pub(super) const YES: &[Phrase] = &phrases([
    "yes",
    "yeah",
    "yep",
    "yup",
    "yea",
    "oui",
    "sure",
    "absolutely",
    "definitely",
    "certainly",
    "correct",
    "confirmed",
    "confirming",
    "agreed",
    "affirmative",
    "exactly",
    "obviously",
    "of course",
    "that's right",
    "that's correct",
    "that's fine",
]);

/// As a whole sentence.
pub(super) const SHORT_YES: &[Phrase] = &phrases([
    "i do",
    "i would",
    "i am",
    "i will",
    "we do",
    "we would",
    "it is",
    "it does",
    "they are",
    "that is",
    "all yes",
    "please",
    "yes to both",
    "you can",
]);

/// At the beginning of a sentence; said of an explanation as well, which a question after it
/// shows.
pub(super) const ACKNOWLEDGEMENTS: &[Phrase] =
    &phrases(["ok", "okay", "perfect", "great", "alright", "all right", "right", "fine", "good"]);

pub(super) const YES_BUT: &[Phrase] = &phrases(["ok but", "okay but", "sure but", "right but"]);

/// Anywhere in a sentence.
pub(super) const AGREEMENTS: &[Phrase] = &phrases([
    "yes",
    "go ahead",
    "proceed",
    "going ahead",
    "go right ahead",
    "go on",
    "move forward",
    "i authorize",
    "my confirmation",
    "please do",
    "do it",
    "do so",
    "do that",
    "i confirm",
    "confirmed",
    "confirming",
    "i agree",
    "i approve",
    "i accept",
    "looks good",
    "looks great",
    "looks correct",
    "looks right",
    "looks perfect",
    "looks fine",
    "look good",
    "sounds good",
    "sounds great",
    "sounds fine",
    "sounds right",
    "sounds perfect",
    "sounds like a plan",
    "exactly what i",
    "that works",
    "works for me",
    "that's fine",
    "that's correct",
    "that's right",
    "that's okay",
    "that's ok",
    "that is correct",
    "that is fine",
    "that is right",
    "is correct",
    "is fine",
    "are correct",
    "all correct",
    "go for it",
    "i'm happy with",
    "i am happy with",
    "okay with that",
    "okay with this",
    "okay with it",
    "okay with me",
    "ok with that",
    "ok with it",
    "ok with me",
    "fine with that",
    "fine with this",
    "fine with it",
    "fine with me",
    "fine by me",
    "good with that",
    "good with it",
    "good with me",
    "comfortable with that",
    "comfortable with it",
    "all good",
    "let's do",
    "let's go",
    "i'd like that",
    "i would like that",
    "that would be great",
    "that would be good",
    "that would be nice",
    "that would be fine",
    "that would be perfect",
    "that would be helpful",
    "that would be wonderful",
    "that'd be great",
    "that'd be good",
    "make it happen",
    "make it so",
    "carry on",
    "please continue",
    "you may",
    "you can finalize",
    "you have my",
    "by all means",
    "i'll take it",
    "i'll take that",
    "go with that",
    "go with it",
    "go with this",
]);

/// Words that turn an agreement after them in the same clause into none.
pub(super) const UNDOING: &[&str] = &[
    "before", "if", "unless", "until", "whether", "when", "not", "don't", "can't", "cannot", "won't",
    "never", "didn't", "doesn't", "isn't", "no", "neither", "none", "nothing",
];

pub(super) const REFUSALS: &[Phrase] = &phrases([
    "don't proceed",
    "do not proceed",
    "don't go ahead",
    "do not go ahead",
    "don't want to proceed",
    "do not want to proceed",
    "don't do",
    "do not do",
    "don't cancel",
    "do not cancel",
    "don't book",
    "do not book",
    "don't change",
    "never mind",
    "nevermind",
    "changed my mind",
    "hold on",
    "hold off",
    "not yet",
    "not now",
    "rather not",
    "no thanks",
    "no thank you",
    "forget it",
    "forget about",
    "let me think",
    "i disagree",
    "i decline",
    "i refuse",
    "wait a",
    "let's not",
    "i'll pass",
    "skip it",
    "leave it",
    "leave them",
    "leave everything",
    "rather keep",
    "prefer to keep",
    "otherwise no",
    "otherwise not",
    "otherwise don't",
    "only if",
]);

/// What is said instead of a yes, unless a yes follows or stands in another sentence.
pub(super) const HESITATIONS: &[Phrase] = &phrases([
    "not sure",
    "unsure",
    "not certain",
    "think about",
    "think it over",
    "can't decide",
    "cannot decide",
    "need to decide",
    "haven't decided",
    "later",
    "another time",
    "a minute",
    "a moment",
    "a second",
    "need to talk",
    "have to talk",
    "talk to my",
    "ask my",
    "check with",
    "let me check",
    "approval of",
    "call back",
    "i was told",
    "must approve",
    "to compare",
    "to hear",
    "to see",
    "but i need to know",
    "but i want to know",
    "but i'd like to know",
    "but i would like to know",
    "don't think",
    "do not think",
    "don't understand",
    "do not understand",
    "misunderstood",
    "misunderstanding",
]);

/// What is said instead of a yes, or beside one.
pub(super) const COMPLAINTS: &[Phrase] = &phrases([
    "too expensive",
    "so expensive",
    "that's expensive",
    "that is expensive",
    "too much",
    "too high",
    "too long",
    "more than i",
    "seems a lot",
    "over my budget",
    "out of my budget",
    "above my budget",
    "hoping for",
    "frustrated",
    "frustrating",
    "disappointed",
    "disappointing",
    "unacceptable",
    "not acceptable",
    "ridiculous",
    "unfair",
    "not what i",
    "isn't what i",
    "a human",
    "human agent",
    "representative",
    "supervisor",
    "manager",
    "someone else",
]);

/// After a hesitation these say that it is about something else: "not sure what its number is".
pub(super) const OF_FACTS: &[&str] = &["what", "which", "where", "who", "how", "when", "of"];

pub(super) const POLITE: &[Phrase] = &phrases(["no problem", "no worries"]);

pub(super) const NOT_YET: &[Phrase] = &phrases([
    "not yet",
    "but not yet",
    "but first",
    "before you do",
    "before we go",
    "before we proceed",
    "before i confirm",
    "before i decide",
]);

pub(super) const REQUESTS: &[Phrase] = &phrases([
    "could you",
    "can you",
    "would you",
    "will you",
    "can we proceed",
    "could we proceed",
    "can we go ahead",
    "could we go ahead",
    "can i go with",
    "could i go with",
    "can i take",
    "could i take",
    "can i book",
    "could i book",
    "please",
]);

/// Before a question that is about something else.
pub(super) const BY_THE_WAY: &[Phrase] = &phrases([
    "also",
    "by the way",
    "additionally",
    "and also",
    "one more thing",
    "one more question",
    "another question",
    "besides",
]);

pub(super) const ENQUIRIES: &[Phrase] = &phrases([
    "tell me",
    "remind me",
    "how",
    "what",
    "why",
    "check",
    "look",
    "find",
    "search",
    "show",
    "explain",
    "clarify",
    "repeat",
]);

pub(super) const DENIALS: &[&str] = &["no", "nope", "nah", "not", "wait", "stop", "hold"];

pub(super) const NEGATIONS: &[&str] = &[
    "no",
    "not",
    "don't",
    "can't",
    "cannot",
    "won't",
    "never",
    "didn't",
    "doesn't",
    "isn't",
    "wasn't",
    "wouldn't",
    "couldn't",
    "shouldn't",
    "nothing",
    "none",
];

pub(super) const AMENDMENTS: &[Phrase] =
    &phrases(["but", "instead", "actually", "except", "rather", "make it", "change it", "however"]);

/// What is named is added to what pays already, and does not take its place.
pub(super) const ADDITIONS: &[Phrase] =
    &phrases(["rest", "remaining", "remainder", "remains", "left over", "whatever is left"]);

pub(super) const QUESTION_WORDS: &[&str] = &["which", "what", "how", "who", "when", "where", "why"];

/// Before a property by which things are meant: "all that have one owner".
pub(super) const QUANTIFIERS: &[&str] = &["all", "any", "every", "those", "ones", "whichever", "anything"];

/// What such a property begins with.
pub(super) const PROPERTIES: &[&str] = &[
    "that", "which", "with", "whose", "where", "having", "under", "over", "longer", "shorter", "more",
    "less", "fewer", "within",
];
