//! A plugin's own settings.

use std::{collections::BTreeMap, sync::Arc};

use crate::bindings::shared::types::Setting;

/// What every call of one plugin is given beside its arguments: values by name, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Config(BTreeMap<String, Vec<String>>);

impl Config {
    /// One setting's values; empty where it is not set.
    pub fn get(&self, name: &str) -> &[String] {
        self.0.get(name).map_or(&[], Vec::as_slice)
    }

    /// The settings, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[String])> {
        self.0.iter().map(|(name, values)| (name.as_str(), values.as_slice()))
    }

    /// The settings, as the contract has them.
    pub(crate) fn into_settings(self) -> Arc<[Setting]> {
        self.0.into_iter().map(|(name, values)| Setting { name, values }).collect()
    }
}

/// Settings from pairs; values of a name that comes twice are joined.
impl<N: Into<String>, V: IntoIterator<Item: Into<String>>> FromIterator<(N, V)> for Config {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        let mut settings = BTreeMap::<String, Vec<String>>::new();
        for (name, values) in pairs {
            settings.entry(name.into()).or_default().extend(values.into_iter().map(Into::into));
        }
        Self(settings)
    }
}
