//! GDPR-9.1, special categories: health, religion, politics, unions, sexual orientation, ethnic
//! origin, genetic and biometric data.
//!
//! | the trace shows | finding |
//! |---|---|
//! | the user says something of the kind about a person | not assessable, low: the ground of Art. 9(2) is elsewhere |
//! | a tool tells such a field | not assessable, low |
//! | it goes into an action, and nobody consented | not satisfied, medium |
//! | it goes into an action, after consent | satisfied |
//!
//! A rule wants a person and a statement: `I am sick` and `my wife has cancer`, never the words
//! alone (`my sick cat`, `for health reasons`, `sick of waiting`). The dead have no such data.

use activemirror_guest::compliance::{Leaf, Severity, Value};
use serde::{Deserialize, Serialize};

use crate::category::Kind;
use crate::consent;
use crate::control::{Control, Report};
use crate::rule::Rule;
use crate::seen::{Seen, Voice};
use crate::settings::Settings;
use crate::words::{List, Phrases, Words, phrases, words};

/// What came up, and whether somebody consented.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SpecialCategories {
    /// Topics mentioned, as bits.
    mentioned: u8,
    /// Topics that went into an action, as bits.
    passed_on: u8,
    consent: Option<u64>,
}

impl SpecialCategories {
    fn mention(&mut self, topic: &Topic, sequence: u64, report: &mut Report) {
        if self.mentioned & topic.bit == 0 {
            self.mentioned |= topic.bit;
            let message =
                format!("{} is mentioned; on which ground of Art. 9(2) is not in the trace.", topic.name);
            report.not_assessable(Control::SpecialCategories, Severity::Low, message, &[sequence]);
        }
    }

    fn pass_on(&mut self, topic: &Topic, sequence: u64, report: &mut Report) {
        if self.passed_on & topic.bit != 0 {
            return;
        }
        self.passed_on |= topic.bit;
        let name = topic.name;
        match self.consent {
            Some(consent) => {
                let message = format!("{name} goes into an action after the user's consent.");
                report.satisfied(Control::SpecialCategories, message, &[consent, sequence]);
            }
            None => {
                let message = format!("{name} goes into an action, and the trace shows no consent to it.");
                report.not_satisfied(Control::SpecialCategories, Severity::Medium, message, &[sequence]);
            }
        }
    }
}

impl Rule for SpecialCategories {
    fn observe(&mut self, seen: &Seen<'_>, _: &Settings, report: &mut Report) {
        if consent::is_given(seen) {
            self.consent = Some(seen.sequence());
        }
        if consent::is_withdrawn(seen) {
            self.consent = None;
        }
        let parameters = if seen.voice == Voice::Action { texts(seen) } else { Vec::new() };
        for topic in TOPICS {
            match seen.voice {
                Voice::User if topic.is_said(seen) => self.mention(topic, seen.sequence(), report),
                Voice::Tool if topic.is_told(seen) => self.mention(topic, seen.sequence(), report),
                Voice::Action if topic.is_passed_on(seen, &parameters) => {
                    self.pass_on(topic, seen.sequence(), report)
                }
                _ => {}
            }
        }
    }

    fn finish(&self, _: &mut Report) {}
}

/// One kind of special category.
struct Topic {
    bit: u8,
    name: &'static str,
    /// How a person says it of a person.
    phrases: Phrases,
    /// Words that say it wherever they are a parameter.
    words: &'static List,
    /// Fields that hold it.
    fields: &'static List,
}

impl Topic {
    fn is_said(&self, seen: &Seen<'_>) -> bool {
        let number = self.bit == HEALTH_BIT && seen.marked.contains(Kind::MedicalId);
        number || (seen.words.say(&self.phrases) && !seen.words.say_literally(IDIOMS))
    }

    fn is_told(&self, seen: &Seen<'_>) -> bool {
        seen.leaves_named(self.fields).next().is_some()
    }

    fn is_passed_on(&self, seen: &Seen<'_>, parameters: &[Words]) -> bool {
        self.is_told(seen) || parameters.iter().any(|words| words.any(self.words))
    }
}

/// The texts of an event's leaves, as words.
fn texts(seen: &Seen<'_>) -> Vec<Words> {
    let text = |leaf: &Leaf| match &leaf.value {
        Value::Text(text) => Some(Words::of(text)),
        _ => None,
    };
    seen.event.leaves.iter().filter_map(text).collect()
}

const HEALTH_BIT: u8 = 1;

const TOPICS: &[Topic] = &[
    Topic {
        bit: HEALTH_BIT,
        name: "Health data",
        phrases: phrases![
            [(I), (AM), 2, (AILING)],
            [(I), (AM), in, 1, hospital | chemotherapy | rehab | dialysis],
            [(I), (FEEL), 2, (AILING)],
            [(I), (HAVE), 2, (ILLNESS)],
            [(I), got | caught, 1, (ILLNESS)],
            [diagnosed, with],
            [(MY), (RELATIVE), (AM), 2, (AILING)],
            [(MY), (RELATIVE), (AM), in, 1, hospital | chemotherapy | rehab | dialysis],
            [(MY), (RELATIVE), (HAVE), 2, (ILLNESS)],
            [(MY), 1, (ILLNESS)],
            [(I), use | need, 2, wheelchair | insulin | dialysis | chemotherapy],
            [(I), take | need, (MY), 1, medication | medicine | insulin],
        ],
        words: words![
            pregnant pregnancy cancer diabetes diabetic epilepsy asthma hiv chemotherapy depression
            disability disabled wheelchair surgery diagnosis stroke dementia
        ],
        fields: words![
            diagnosis diagnoses disability disabilities medication medications allergies blood_type
            medical_condition medical_conditions medical_history health_status pregnant
        ],
    },
    Topic {
        bit: 1 << 1,
        name: "A religious belief",
        phrases: phrases![
            [(I), (AM), 2, (BELIEVER)],
            [(MY), (RELATIVE), (AM), 2, (BELIEVER)],
            [as, a | an, 1, (BELIEVER)],
            [(I), eat | need | want | keep | prefer, 2, kosher | halal],
            [(MY), religion | faith | religious],
        ],
        words: words![muslim jewish hindu buddhist sikh kosher halal],
        fields: words![religion religious_belief faith denomination],
    },
    Topic {
        bit: 1 << 2,
        name: "A political opinion",
        phrases: phrases![
            [(I), vote | voted, 1, for],
            [(I), (AM), a, 1, (PARTISAN)],
            [(MY), political, party | views | opinion | opinions | beliefs],
        ],
        words: words![],
        fields: words![political_party political_opinion political_affiliation],
    },
    Topic {
        bit: 1 << 3,
        name: "A union membership",
        phrases: phrases![
            [(I), (AM), 3, union, member | rep | representative | steward],
            [member, of, 3, union],
            [(MY), 1, union, membership | dues | card],
        ],
        words: words![],
        fields: words![union_membership trade_union],
    },
    Topic {
        bit: 1 << 4,
        name: "A sexual orientation",
        phrases: phrases![[(I), (AM), 1, (ORIENTATION)], [(MY), (RELATIVE), (AM), 1, (ORIENTATION)],],
        words: words![homosexual lesbian bisexual],
        fields: words![sexual_orientation sexuality],
    },
    Topic {
        bit: 1 << 5,
        name: "An ethnic origin",
        phrases: phrases![[(MY), ethnicity | ethnic], [(I), (AM), of, 2, (DESCENT)]],
        words: words![],
        fields: words![ethnicity ethnic_origin race],
    },
    Topic {
        bit: 1 << 6,
        name: "Genetic or biometric data",
        phrases: phrases![[(MY), 1, dna | genome | fingerprint | fingerprints | faceprint]],
        words: words![],
        fields: words![dna genome fingerprint_template biometric biometrics face_embedding],
    },
];

const I: &List = words![i we];
const MY: &List = words![my our];
const AM: &List = words![am m is s are re was were been became got fell];
const HAVE: &List = words![have ve has had suffer suffers suffered];
const FEEL: &List = words![feel feeling felt];

const RELATIVE: &List = words![
    wife husband partner mother mom mum father dad son daughter child children kid kids baby brother
    sister grandmother grandfather grandma grandpa aunt uncle cousin friend girlfriend boyfriend
    fiancé fiancée spouse parents colleague
];

const AILING: &List = words![
    sick ill unwell pregnant disabled diabetic autistic epileptic asthmatic bipolar hospitalized
    hospitalised injured allergic depressed contagious blind deaf paralyzed paralysed
];

const ILLNESS: &List = words![
    cancer diabetes asthma epilepsy covid flu hiv migraine migraines stroke dementia
    alzheimer arthritis adhd autism leukemia leukaemia surgery chemotherapy disability illness
    pregnancy depression allergy allergies concussion pneumonia fever diagnosis miscarriage tumor
    tumour
];

const BELIEVER: &List = words![
    muslim christian catholic protestant jewish jew hindu buddhist sikh atheist mormon evangelical
];

const PARTISAN: &List = words![democrat republican communist socialist conservative libertarian];
const ORIENTATION: &List = words![gay lesbian bisexual homosexual queer asexual];
const DESCENT: &List = words![descent origin heritage ancestry];

/// What sounds like it and is not.
const IDIOMS: &Phrases =
    &phrases![[sick, of], [sick, and, tired], [sick, to, death], [ill, at, ease], [blind | deaf, to],];
