//! What a plugin author needs: the types of `activemirror:plugin@1.0.0` and one macro a world.
//!
//! A plugin is a function: it gets its state and the new events of one trace, and returns its
//! answer and the next state, and is given its settings with every call ([`setting`] finds one). It
//! has no clock, no randomness, no files and no network; what it may import is [`policy::log`], and
//! the host refuses anything else. A plugin that writes no lines imports nothing.
//!
//! ```
//! use activemirror_guest::policy::{
//!     Decision, Description, Event, EventKinds, Guest, PluginError, Point, Setting, Verdict,
//! };
//!
//! struct NoShouting;
//!
//! impl Guest for NoShouting {
//!     fn describe() -> Description {
//!         Description {
//!             name: "no-shouting".into(),
//!             version: "1.0.0".into(),
//!             summary: "Stops answers in capitals.".into(),
//!             wants_personal_data: false,
//!             any_point: false,
//!             looks_at: EventKinds::OUTPUT,
//!             rules_on: EventKinds::OUTPUT,
//!         }
//!     }
//!
//!     fn decide(
//!         settings: Vec<Setting>,
//!         state: Vec<u8>,
//!         point: Point,
//!         events: Vec<Event>,
//!     ) -> Result<Decision, PluginError> {
//!         let names = activemirror_guest::setting(&settings, "names");
//!         let shouts = |text: &str| text.len() > 3 && text.to_uppercase() == text;
//!         let loud = |text: &str| shouts(text) && !names.iter().any(|name| name == text);
//!         let verdict = |event: &Event| match (&event.content, point) {
//!             (Some(text), Point::Output) if loud(text) => Verdict::Deny("it shouts".into()),
//!             _ => Verdict::Allow,
//!         };
//!         Ok(Decision { verdicts: events.iter().map(verdict).collect(), state })
//!     }
//! }
//!
//! activemirror_guest::policy::export!(NoShouting);
//! ```
//!
//! The three worlds have a module each, because each is a component type of its own; what they have
//! in common, events and values, are the same types in all three.

// Nearly all of this crate is generated from wit/, and documented there.
#![allow(
    missing_docs,
    missing_debug_implementations,
    unused_qualifications,
    clippy::all,
    clippy::allow_attributes_without_reason,
    clippy::std_instead_of_core,
    reason = "generated from wit/"
)]

#[cfg(any(test, target_family = "wasm"))]
mod allocator;

/// The values of the setting of this name, in order; none where it is not set.
pub fn setting<'s>(settings: &'s [policy::Setting], name: &str) -> &'s [String] {
    settings.iter().find(|setting| setting.name == name).map_or(&[], |setting| &setting.values)
}

/// A share, as settings give it: a decimal number from 0 to 1, such as `0.7`.
///
/// It has fifteen digits at most and no exponent, so that one division reads it exactly. The standard
/// library reads any number, with a table of ten kilobytes, which each fresh instance would be given.
pub fn share(text: &str) -> Option<f64> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let digits = [whole, part].concat();
    let is_short = digits.len() <= SHARE_DIGITS_MAX && digits.bytes().all(|byte| byte.is_ascii_digit());
    let number = digits.parse::<u64>().ok().filter(|_| is_short)?;
    let share = number as f64 / 10_u64.pow(part.len() as u32) as f64;
    (share <= 1.0).then_some(share)
}

/// Whole numbers of so many digits are floats as well.
const SHARE_DIGITS_MAX: usize = 15;

impl policy::EventKinds {
    /// Events of every kind.
    pub fn all() -> Self {
        let spoken = Self::OBSERVATION | Self::OUTPUT | Self::ERROR;
        Self::START | Self::THOUGHT | Self::DECISION | Self::ACTION | spoken
    }
}

/// A policy: what may happen.
pub mod policy {
    wit_bindgen::generate!({
        path: "../../wit",
        world: "policy",
        pub_export_macro: true,
        export_macro_name: "export",
        default_bindings_module: "activemirror_guest::policy",
        additional_derives: [PartialEq],
    });

    pub use activemirror::plugin::log;
    pub use activemirror::plugin::types::{EventKind, EventKinds, Leaf, Mark, Place, Source, Span, Value};
}

/// A compliance pack: what an auditor should know.
pub mod compliance {
    wit_bindgen::generate!({
        path: "../../wit",
        world: "compliance",
        pub_export_macro: true,
        export_macro_name: "export",
        default_bindings_module: "activemirror_guest::compliance",
        additional_derives: [PartialEq],
        with: {
            "activemirror:plugin/types@1.0.0": crate::policy::activemirror::plugin::types,
            "activemirror:plugin/log@1.0.0": crate::policy::activemirror::plugin::log,
        },
    });

    pub use crate::policy::{EventKind, EventKinds, Leaf, Mark, Place, Source, Span, Value, log};
    pub use activemirror::plugin::compliance_types::{ControlState, Severity};
}

/// A persona: how the agent speaks.
pub mod persona {
    wit_bindgen::generate!({
        path: "../../wit",
        world: "persona",
        pub_export_macro: true,
        export_macro_name: "export",
        default_bindings_module: "activemirror_guest::persona",
        additional_derives: [PartialEq],
        with: {
            "activemirror:plugin/types@1.0.0": crate::policy::activemirror::plugin::types,
            "activemirror:plugin/log@1.0.0": crate::policy::activemirror::plugin::log,
        },
    });

    pub use crate::policy::{EventKind, Leaf, Mark, Place, Source, Span, Value, log};
    pub use activemirror::plugin::persona_types::Pattern;
}

#[cfg(test)]
mod tests {
    use super::share;

    #[test]
    fn shares_are_read_as_the_standard_library_reads_them() {
        for thousandths in 0..=1000 {
            for text in [format!("{}", f64::from(thousandths) / 1000.0), format!("0.{thousandths:03}456789")]
            {
                let number = text.parse::<f64>().ok().filter(|number| *number <= 1.0);
                assert_eq!(share(&text), number, "{text}");
            }
        }
        for (text, number) in [("0", 0.0), ("1", 1.0), ("1.000", 1.0), (".5", 0.5), ("00.25", 0.25)] {
            assert_eq!(share(text), Some(number), "{text}");
        }
    }

    #[test]
    fn what_is_no_share_is_refused() {
        for text in [
            "", ".", "much", "1.5", "1.000001", "2", "-0", "+0.5", "NaN", "1e-1", "0.5 ", "0,5", "0.5.5", "٠",
        ] {
            assert_eq!(share(text), None, "{text}");
        }
        assert_eq!(share(&format!("0.{}", "3".repeat(15))), None);
    }
}
