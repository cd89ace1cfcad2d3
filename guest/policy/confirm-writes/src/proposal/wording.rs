//! The phrases by which an agent asks, offers, announces and closes.

use crate::phrase::{Phrase, phrases};

pub(super) const PROCEED: &[Phrase] = &phrases([
    "proceed",
    "proceeding",
    "go ahead",
    "going ahead",
    "continue",
    "finalize",
    "complete",
    "process",
]);

/// What comes before the verb that says what would be done.
pub(super) const LEADING: &[Phrase] = &phrases([
    "proceed with",
    "proceed to",
    "would you like to",
    "would you like me to",
    "do you want to",
    "do you want me to",
    "if you'd like to",
    "if you would like to",
    "if you'd like me to",
    "if you would like me to",
    "if you want me to",
    "shall i",
    "should i",
    "can i",
    "may i",
]);

pub(super) const INVITATIONS: &[Phrase] = &phrases(["let me know", "tell me"]);

pub(super) const NEEDS: &[Phrase] = &phrases(["i'll need", "i will need", "assist", "help"]);

pub(super) const CONFIRMATION: &[Phrase] = &phrases([
    "is that correct",
    "is this correct",
    "is that right",
    "is this right",
    "is that ok",
    "is that okay",
    "is it ok",
    "is it okay",
    "is it fine",
    "is this ok",
    "is this okay",
    "is that fine",
    "is everything correct",
    "is everything right",
    "are you sure",
    "are you ok with",
    "are you okay with",
    "are you happy",
    "do you agree",
    "do you approve",
    "do you accept",
    "does that look",
    "does this look",
    "does this all look",
    "does it look",
    "does that sound",
    "does this sound",
    "does that work",
    "does this work",
    "does everything look",
    "ok to proceed",
    "okay to proceed",
    "ready to proceed",
    "a yes",
    "say yes",
    "reply yes",
    "yes to proceed",
    "yes or no",
    "everything in order",
    "your approval",
    "green light",
    "your consent",
    "your permission",
    "your go ahead",
    "if this looks good",
    "if that looks good",
    "is this what you want",
    "is this what you would like",
    "is this what you'd like",
    "is that what you want",
    "if i can proceed",
    "if i may proceed",
]);

pub(super) const COMMITTING: &[Phrase] = &phrases([
    "would you like me",
    "do you want me",
    "if you would like me",
    "if you'd like me",
    "if you want me",
    "shall i",
    "should i",
    "may i",
    "can i",
    "shall we",
    "should we",
    "do you wish me",
]);

pub(super) const FOR_DETAILS: &[&str] =
    &["have", "ask", "know", "get", "see", "help", "assist", "be", "suggest", "recommend"];

pub(super) const WISHES: &[Phrase] = &phrases([
    "would you like",
    "do you want",
    "if you would like",
    "if you'd like",
    "if you want",
    "whether you'd like",
    "whether you would like",
    "shall i",
    "should i",
    "may i",
    "do you wish",
    "if you wish",
]);

pub(super) const REFERENCES: &[Phrase] = &phrases([
    "do that",
    "do this",
    "do so",
    "do it",
    "that done",
    "it done",
    "like that",
    "go with it",
    "go with that",
    "go with this",
    "want that",
]);

pub(super) const QUESTION_WORDS: &[&str] = &["which", "what", "how", "who", "when", "where", "why"];

pub(super) const CLOSINGS: &[Phrase] = &phrases([
    "anything else",
    "any other",
    "any changes",
    "something else",
    "any questions",
    "any further",
    "further assistance",
    "need help",
]);

pub(super) const HANDING_OVER: &[Phrase] =
    &phrases(["human agent", "a human", "a representative", "a supervisor", "a colleague"]);

pub(super) const LOOKING_UP: &[&str] = &[
    "search", "find", "look", "check", "retriev", "review", "fetch", "locat", "verif", "access", "calculat",
    "see", "know", "hear", "explor", "view", "learn", "discuss", "list", "show", "try", "compar",
];

pub(super) const WILL: &[Phrase] = &phrases([
    "i will",
    "i'll",
    "we will",
    "we'll",
    "i am going to",
    "i'm going to",
    "let's",
    "i can then",
    "i can proceed",
    "once you",
    "once i have",
    "as soon as",
    "so i can",
    "so that i can",
]);

pub(super) const TO_FINISH: &[Phrase] = &phrases([
    "to complete",
    "to finish",
    "to finalize",
    "to finalise",
    "before i proceed",
    "before i can",
    "before proceeding",
    "to proceed with",
]);

pub(super) const DETAIL: &[Phrase] = &phrases([
    "could you provide",
    "could you please provide",
    "please provide",
    "can you provide",
    "please specify",
    "could you specify",
    "could you please specify",
    "let me know which",
    "let me know what",
    "let me know the",
    "let me know how",
    "let me know your",
    "let me know whether",
    "let me know when",
    "let me know if you have",
    "know which",
    "know the",
    "tell me",
    "i'll need",
    "i need",
    "i will need",
    "need the following",
    "please choose",
    "please select",
    "which one",
    "do you have a preference",
    "and provide",
    "what would",
    "how would you",
    "would you prefer",
]);

pub(super) const DETAILS: &[&str] = &[
    "which", "what", "how", "who", "when", "where", "whether", "payment", "method", "id", "name", "email",
    "phone", "address", "number", "birth", "reason", "your",
];

pub(super) const USING: &[Phrase] =
    &phrases(["use", "using", "pay", "payment", "cover", "charge", "for the difference"]);

pub(super) const IMPOSSIBLE: &[Phrase] = &phrases([
    "cannot be",
    "can't be",
    "can not be",
    "could not be",
    "not eligible",
    "ineligible",
    "not possible",
    "not refundable",
    "not allowed",
    "not available",
    "unavailable",
    "sold out",
    "unable to",
    "i cannot",
    "i can't",
    "we cannot",
    "we can't",
]);

pub(super) const SPEAKERS: &[&str] = &["i", "me", "we", "us"];

pub(super) const APPROVING: &[&str] =
    &["ok", "okay", "alright", "right", "correct", "good", "fine", "acceptable", "accurate"];

/// What asks for a detail beside a yes: "confirm, and which card to use".
pub(super) const ALSO: &[Phrase] =
    &phrases(["and which", "and what", "and how", "as well as which", "as well as the", "along with the"]);

pub(super) const FREE: &[Phrase] = &phrases([
    "no price difference",
    "no fare difference",
    "no difference in price",
    "no difference in fare",
    "no additional cost",
    "no additional charge",
    "no additional fee",
    "no extra cost",
    "no extra charge",
    "no cost",
    "no charge",
    "no fee",
    "no fees",
    "free of charge",
    "without charge",
    "without any charge",
    "at no cost",
]);

/// What the agent wants to know, rather than the user to agree to.
pub(super) const ENQUIRING: &[Phrase] =
    &phrases(["i need to confirm", "i'll need to confirm", "let me confirm", "i have to confirm"]);

/// Words of a question for a fact.
pub(super) const PAST: &[&str] = &["was", "were", "been", "did", "had"];
