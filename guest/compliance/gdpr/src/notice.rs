//! GDPR-13 and GDPR-6.1: what the person was told, and on which ground their data is processed.
//!
//! Neither is in a trace; both are said once of a trace with a person in it, so that a report
//! shows them as not assessed instead of leaving them out. A robot alone has neither.

use activemirror_guest::compliance::Severity;
use serde::{Deserialize, Serialize};

use crate::control::{Control, Report};
use crate::rule::Rule;
use crate::seen::{Seen, Voice};
use crate::settings::Settings;

/// Where a person first came in.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Notice {
    person: Option<u64>,
}

impl Rule for Notice {
    fn observe(&mut self, seen: &Seen<'_>, _: &Settings, _: &mut Report) {
        if seen.voice == Voice::User || !seen.marked.is_empty() {
            self.person.get_or_insert(seen.sequence());
        }
    }

    fn finish(&self, report: &mut Report) {
        let Some(person) = self.person else { return };
        for (control, message) in [(Control::Lawfulness, GROUND), (Control::Notice, NOTICE)] {
            report.not_assessable(control, Severity::Info, message, &[person]);
        }
    }
}

const GROUND: &str = "On which ground of Art. 6(1) the person's data is processed is not in a trace.";
const NOTICE: &str = "What the person was told when their data was collected is not in a trace.";
