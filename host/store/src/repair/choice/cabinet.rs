//! The cold store as a repair sees it: folders of own logs, and of logs that may have been one.

use activemirror_core::log::LogId;

use crate::tier::cold::{Cold, ColdError, ColdFault, Object, fetch_first};

/// The cold store, and what was found out of it.
pub(super) struct Cabinet<'c> {
    pub(super) cold: Option<&'c dyn Cold>,
    /// The own logs, the newest first: each has a folder.
    own: Vec<LogId>,
    /// Logs whose key is gone: own ones may be among them.
    strangers: Vec<LogId>,
    /// What the names of the objects say; nothing where it was not asked for yet.
    listed: Option<Vec<Object>>,
    /// Why something that was needed did not come.
    pub(super) trouble: Option<ColdFault>,
}

impl<'c> Cabinet<'c> {
    pub(super) const fn new(cold: Option<&'c dyn Cold>, own: Vec<LogId>, strangers: Vec<LogId>) -> Self {
        Self { cold, own, strangers, listed: None, trouble: None }
    }

    /// An object, whichever folder it is in. Out of one that the new store will not know of, it is put where
    /// that looks for it.
    pub(super) fn fetch(&self, object: &Object, bytes_max: u64) -> Result<Vec<u8>, ColdFault> {
        let cold = self.cold.ok_or(ColdFault::Nowhere)?;
        let name = |folder: &LogId| Object { folder: *folder, ..*object }.name();
        let missing = ColdFault::Store(ColdError::Missing);
        match fetch_first(cold, self.own.iter().map(name), bytes_max, &object.digest) {
            Err(why) if why == missing => {}
            other => return other,
        }
        let found = fetch_first(cold, self.strangers.iter().map(name), bytes_max, &object.digest)?;
        let name = self.own.first().map(name).ok_or(missing)?;
        cold.put(&name, &found)?;
        // Something else may be there under that name.
        if cold.get(&name, found.len() as u64)? == found { Ok(found) } else { Err(ColdFault::Wrong) }
    }

    /// All objects; none where they cannot be listed.
    pub(super) fn objects(&mut self) -> Vec<Object> {
        if self.listed.is_none() {
            let listed = self.list().unwrap_or_else(|why| {
                self.trouble.get_or_insert(why);
                Vec::new()
            });
            self.listed = Some(listed);
        }
        self.listed.clone().unwrap_or_default()
    }

    fn list(&self) -> Result<Vec<Object>, ColdFault> {
        let cold = self.cold.ok_or(ColdFault::Nowhere)?;
        let mut objects = Vec::new();
        for folder in self.own.iter().chain(&self.strangers) {
            objects.extend(cold.list(&folder.to_string())?.iter().filter_map(|name| Object::of(name)));
        }
        Ok(objects)
    }
}
