//! What an operator can set, by name:
//!
//! | setting | values | meaning |
//! |---|---|---|
//! | `categories` | names of categories | look for these only |
//! | `except` | names of categories | do not look for these |
//! | `allow` | texts | never mark exactly this text, in any case: the operator's own hotline |

use activemirror_guest::policy::PluginError;

use crate::category::Category;
use crate::scan::Finding;

/// The settings of one call.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settings {
    only: Vec<Category>,
    except: Vec<Category>,
    allow: Vec<String>,
}

impl Settings {
    /// Reads the settings with this function, which returns the values of one.
    ///
    /// # Errors
    ///
    /// [`PluginError::BadConfig`] with the setting's name where a value names no category.
    pub fn read(get: impl Fn(&str) -> Vec<String>) -> Result<Self, PluginError> {
        let categories = |setting: &str| -> Result<Vec<Category>, PluginError> {
            let named =
                |name: &String| Category::named(name).ok_or_else(|| PluginError::BadConfig(setting.into()));
            get(setting).iter().map(named).collect()
        };
        let allow = get("allow").iter().map(|text| text.trim().to_string()).collect();
        Ok(Self { only: categories("categories")?, except: categories("except")?, allow })
    }

    /// Whether a finding in this text is to be marked. A number's finding has no text.
    pub(crate) fn wants(&self, text: &str, finding: &Finding) -> bool {
        let text = text.get(finding.start..finding.end).unwrap_or_default();
        let allowed = || self.allow.iter().any(|allowed| allowed.eq_ignore_ascii_case(text.trim()));
        self.looks_for(finding.category) && !allowed()
    }

    /// Whether findings of this category are to be marked.
    pub(crate) fn looks_for(&self, category: Category) -> bool {
        (self.only.is_empty() || self.only.contains(&category)) && !self.except.contains(&category)
    }
}
