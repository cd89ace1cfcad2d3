//! The controls, and findings on them.

use activemirror_guest::compliance::{ControlState, Finding, Severity};

/// A control of the regulation that this pack has something to say of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Control {
    /// Data minimisation.
    Minimisation,
    /// A ground for processing.
    Lawfulness,
    /// Consent can be withdrawn.
    Withdrawal,
    /// Special categories of personal data.
    SpecialCategories,
    /// An answer within one month.
    OneMonth,
    /// What the person is told at collection.
    Notice,
    /// Access.
    Access,
    /// Erasure.
    Erasure,
    /// Portability.
    Portability,
    /// A person's say in automated decisions.
    HumanIntervention,
    /// Pseudonymisation.
    Pseudonymisation,
}

impl Control {
    /// All of them, in the order of the regulation.
    pub(crate) const ALL: [Self; 11] = [
        Self::Minimisation,
        Self::Lawfulness,
        Self::Withdrawal,
        Self::SpecialCategories,
        Self::OneMonth,
        Self::Notice,
        Self::Access,
        Self::Erasure,
        Self::Portability,
        Self::HumanIntervention,
        Self::Pseudonymisation,
    ];

    /// Its id.
    pub(crate) const fn id(self) -> &'static str {
        match self {
            Self::Minimisation => "GDPR-5.1.c",
            Self::Lawfulness => "GDPR-6.1",
            Self::Withdrawal => "GDPR-7.3",
            Self::SpecialCategories => "GDPR-9.1",
            Self::OneMonth => "GDPR-12.3",
            Self::Notice => "GDPR-13",
            Self::Access => "GDPR-15",
            Self::Erasure => "GDPR-17",
            Self::Portability => "GDPR-20",
            Self::HumanIntervention => "GDPR-22.3",
            Self::Pseudonymisation => "GDPR-32.1.a",
        }
    }
}

/// The findings of one call.
#[derive(Debug, Default)]
pub(crate) struct Report {
    pub(crate) findings: Vec<Finding>,
}

impl Report {
    /// The trace holds evidence that the control works.
    pub(crate) fn satisfied(&mut self, control: Control, message: impl Into<String>, evidence: &[u64]) {
        self.push(control, ControlState::Satisfied, Severity::Info, message.into(), evidence);
    }

    /// The trace holds evidence that it does not.
    pub(crate) fn not_satisfied(
        &mut self,
        control: Control,
        severity: Severity,
        message: impl Into<String>,
        evidence: &[u64],
    ) {
        self.push(control, ControlState::NotSatisfied, severity, message.into(), evidence);
    }

    /// The trace cannot show it either way.
    pub(crate) fn not_assessable(
        &mut self,
        control: Control,
        severity: Severity,
        message: impl Into<String>,
        evidence: &[u64],
    ) {
        self.push(control, ControlState::NotAssessable, severity, message.into(), evidence);
    }

    fn push(
        &mut self,
        control: Control,
        state: ControlState,
        severity: Severity,
        message: String,
        at: &[u64],
    ) {
        let finding =
            Finding { control: control.id().into(), state, severity, message, evidence: at.to_vec() };
        self.findings.push(finding);
    }
}
