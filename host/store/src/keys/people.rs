//! Whose keys are here, and whose were destroyed.

use activemirror_core::trace::SubjectRef;

use super::Keys;

impl Keys {
    /// Whether this person's key is here.
    pub(crate) fn has(&self, subject: SubjectRef) -> bool {
        self.subjects.contains_key(&subject)
    }

    /// Whether this person's key was destroyed here, be it that they came back since.
    pub(crate) fn was_erased(&self, subject: SubjectRef) -> bool {
        self.erased.contains(&subject)
    }

    /// Everybody whose key is here.
    pub(crate) fn live(&self) -> impl Iterator<Item = SubjectRef> {
        self.subjects.keys().copied()
    }

    /// Everybody whose key was destroyed and who did not come back.
    pub(crate) fn erased(&self) -> impl Iterator<Item = SubjectRef> {
        self.erased.iter().copied().filter(|subject| !self.subjects.contains_key(subject))
    }

    /// What enrolled devices would call the person `name`.
    pub(crate) fn on_devices(&self, name: &str) -> impl Iterator<Item = SubjectRef> {
        self.devices.values().map(|device| device.subject_ref(name))
    }
}
