//! Things that one person says together.

use activemirror_core::time::Timestamp;
use activemirror_core::trace::{Body, Canonical, Content, Kind, Record, Structure, SubjectRef};
use activemirror_store::group::Load;
use activemirror_store::{Store, StoreError};

/// What is said, by whom.
#[derive(Clone, Debug)]
pub struct Talk {
    /// Who says it.
    pub subject: SubjectRef,
    /// The trace that it belongs to.
    pub trace: String,
    /// What, in order.
    pub texts: Vec<String>,
}

impl Talk {
    /// Its records.
    #[must_use]
    pub fn records(&self) -> Vec<Record<'_>> {
        let record = |(place, text)| {
            let kind = if place == 0 { Kind::TraceStart } else { Kind::Thought };
            let plain = Structure::new(kind, Timestamp::from_millis(7), self.subject);
            let structure = Structure { trace: Some(&self.trace), ..plain };
            let content = Content { text: Some(text), ..Content::default() };
            let body = if place == 0 { Body::TraceStart(content) } else { Body::Event(content) };
            Record { structure, body }
        };
        self.texts.iter().map(String::as_str).enumerate().map(record).collect()
    }
}

impl Load for Talk {
    fn fits(&self, store: &Store) -> Result<(), StoreError> {
        let known = store.has_key(self.subject);
        if known { Ok(()) } else { Err(StoreError::UnknownSubject(self.subject)) }
    }

    fn write(&self, _: u64, out: &mut Canonical) -> Result<(), StoreError> {
        self.records().iter().try_for_each(|record| Ok(out.push(record)?))
    }
}
