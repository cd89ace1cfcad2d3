//! GDPR-7.3, withdrawal of consent: whoever withdraws it is obeyed.
//!
//! | after the user withdrew their consent | finding |
//! |---|---|
//! | the agent goes on processing | not satisfied, high |
//! | the agent records the withdrawal, and does not go on | satisfied |
//! | neither | not assessable, low |
//!
//! What counts as going on: marketing in any case; sharing, profiling, tracking or storing unless
//! only marketing was withdrawn; and personal data in an action before the user has spoken again.
//! What the user asks for afterwards rests on another ground (a contract, for instance).

use activemirror_guest::compliance::Severity;
use serde::{Deserialize, Serialize};

use crate::control::{Control, Report};
use crate::rule::Rule;
use crate::seen::{Seen, Voice};
use crate::settings::Settings;
use crate::words::{List, Phrases, phrases, words};

/// What became of a withdrawal.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Consent {
    withdrawal: Option<Withdrawal>,
}

/// A withdrawal of consent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Withdrawal {
    at: u64,
    of_marketing_only: bool,
    recorded: Option<u64>,
    ignored: Option<u64>,
    has_user_spoken: bool,
}

impl Withdrawal {
    fn of(seen: &Seen<'_>) -> Self {
        Self {
            at: seen.sequence(),
            of_marketing_only: seen.words.any(MARKETING_WORDS),
            recorded: None,
            ignored: None,
            has_user_spoken: false,
        }
    }

    fn is_ignored_by(&self, seen: &Seen<'_>) -> bool {
        if seen.name_has(OBEYING) {
            return false;
        }
        let uses_data = seen.name_has(PROCESSING) || (!seen.marked.is_empty() && !self.has_user_spoken);
        seen.name_has(MARKETING) || (uses_data && !self.of_marketing_only)
    }

    fn follow(&mut self, seen: &Seen<'_>, report: &mut Report) {
        match seen.voice {
            Voice::User => self.has_user_spoken = true,
            Voice::Action if seen.name_has(RECORDING) => self.recorded = Some(seen.sequence()),
            Voice::Action if self.ignored.is_none() && self.is_ignored_by(seen) => {
                self.ignored = Some(seen.sequence());
                let evidence = [self.at, seen.sequence()];
                report.not_satisfied(Control::Withdrawal, Severity::High, IGNORED, &evidence);
            }
            _ => {}
        }
    }
}

impl Rule for Consent {
    fn observe(&mut self, seen: &Seen<'_>, _: &Settings, report: &mut Report) {
        if is_withdrawn(seen) {
            self.withdrawal = Some(Withdrawal::of(seen));
        } else if is_given(seen) {
            self.withdrawal = None;
        } else if let Some(withdrawal) = &mut self.withdrawal {
            withdrawal.follow(seen, report);
        }
    }

    fn finish(&self, report: &mut Report) {
        match self.withdrawal {
            Some(Withdrawal { at, recorded: Some(recorded), ignored: None, .. }) => {
                report.satisfied(Control::Withdrawal, RECORDED, &[at, recorded]);
            }
            Some(Withdrawal { at, recorded: None, ignored: None, .. }) => {
                report.not_assessable(Control::Withdrawal, Severity::Low, UNRECORDED, &[at]);
            }
            _ => {}
        }
    }
}

/// Whether this event gives consent.
pub(crate) fn is_given(seen: &Seen<'_>) -> bool {
    let said = seen.voice == Voice::User && seen.words.say(GIVING);
    said || seen.is_called(words![consent_granted consent_given])
}

/// Whether this event withdraws consent.
pub(crate) fn is_withdrawn(seen: &Seen<'_>) -> bool {
    let said = || seen.words.say(WITHDRAWING) || seen.words.say_literally(REFUSING);
    (seen.voice == Voice::User && said()) || seen.is_called(words![consent_revoked consent_withdrawn])
}

const GIVING: &Phrases = &phrases![
    [i | we, consent, to],
    [i | we, hereby | do | explicitly, 1, consent],
    [i | we, give | gave, 2, consent | permission],
    [you, have, my, 1, consent | permission],
];

const WITHDRAWING: &Phrases = &phrases![
    [withdraw | revoke | retract, 3, consent | permission],
    [stop, 1, (USING), 3, my, 2, data | information | details],
    [stop, 1, sending, 3, (MARKETING_WORDS)],
    [unsubscribe, me],
    [opt, me, out],
    [opt, out, of],
    [remove, me, from, 3, list | lists],
];

/// Withdrawals that are made with a `not`.
const REFUSING: &Phrases =
    &phrases![[i | we, no, longer, 1, consent], [i | we, do | don, not | t, 1, consent]];

const USING: &List = words![processing using sharing selling tracking storing keeping];
const MARKETING_WORDS: &List = words![
    marketing newsletter newsletters promotions promotional advertising ads unsubscribe list lists
    offers
];

/// Words of actions.
const MARKETING: &List = words![
    marketing newsletter promo promotion promotional campaign subscribe mailing ads
];
const PROCESSING: &List = words![
    share sell enrich profile track analyze analyse score store remember train personalize
    personalise
];
const RECORDING: &List = words![consent unsubscribe revoke withdraw optout opt];
const OBEYING: &List = words![
    consent unsubscribe revoke withdraw optout opt delete erase remove anonymize anonymise forget
    stop privacy human escalate ticket export
];

const IGNORED: &str = "The user withdrew their consent, and an action went on processing.";
const RECORDED: &str = "The user's withdrawal of consent was recorded, and no action went on processing.";
const UNRECORDED: &str = "The user withdrew their consent; that it was recorded is not in the trace.";
