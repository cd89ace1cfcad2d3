//! What all rules have in common.

use crate::control::Report;
use crate::seen::Seen;
use crate::settings::Settings;

/// One rule, which keeps what it has to remember in itself.
///
/// A rule reports what is wrong when it sees it first, so that somebody can still act; what
/// repeats, and what only the whole trace shows, waits for the end. What it says must not depend
/// on how the events were cut into calls.
pub(crate) trait Rule {
    /// Looks at the next event.
    fn observe(&mut self, seen: &Seen<'_>, settings: &Settings, report: &mut Report);

    /// The trace has ended.
    fn finish(&self, report: &mut Report);
}
