//! The pack's settings.

use activemirror_guest::compliance::PluginError;
use activemirror_guest::share;

/// What an operator may set.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Below this, a decision with effect on a person needs a person's review.
    pub confidence_min: f64,
    /// Domains whose e-mail addresses belong to the operator, in lower case.
    pub own_domains: Vec<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self { confidence_min: 0.7, own_domains: Vec::new() }
    }
}

impl Settings {
    /// Reads the settings; `get` gives one setting's values.
    pub(crate) fn read(get: impl Fn(&str) -> Vec<String>) -> Result<Self, PluginError> {
        let own_domains = get("own-domain").iter().map(|domain| domain.to_ascii_lowercase()).collect();
        let mut settings = Self { own_domains, ..Self::default() };
        if let Some(text) = get(CONFIDENCE_MIN).first() {
            settings.confidence_min = share(text).ok_or(PluginError::BadConfig(CONFIDENCE_MIN.into()))?;
        }
        Ok(settings)
    }
}

const CONFIDENCE_MIN: &str = "confidence-min";

#[cfg(test)]
mod tests {
    use super::{PluginError, Settings};

    fn read(name: &str, value: &str) -> Result<Settings, PluginError> {
        Settings::read(|asked| if asked == name { vec![value.to_owned()] } else { Vec::new() })
    }

    #[test]
    fn settings_are_read_or_refused_by_name() {
        assert_eq!(read("", "").unwrap(), Settings::default());
        assert_eq!(read("confidence-min", "0.5").unwrap().confidence_min, 0.5);
        assert_eq!(read("own-domain", "Shop.Example").unwrap().own_domains, ["shop.example"]);
        for wrong in ["much", "1.5", "-1", "NaN", ""] {
            let refused = Err(PluginError::BadConfig("confidence-min".into()));
            assert_eq!(read("confidence-min", wrong), refused, "{wrong}");
        }
    }
}
