//! What an operator sets: which actions write, what becomes of a write without consent, and
//! words that mean the same.

use activemirror_guest::policy::PluginError;

use crate::datum::name_words;
use crate::vocabulary::Vocabulary;

/// What an operator sets.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Names of actions that write, `*` for any characters; empty for [`WRITING_VERBS`].
    pub writes: Vec<String>,
    /// Names of actions that do not, whatever `writes` says.
    pub except: Vec<String>,
    /// What becomes of a write without consent.
    pub unconsented: Unconsented,
    /// Words that mean the same.
    pub vocabulary: Vocabulary,
}

/// What becomes of a write without consent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unconsented {
    /// A person is asked.
    #[default]
    RequireApproval,
    /// It does not happen.
    Deny,
}

impl Settings {
    /// Reads the settings with this function, which returns the values of one.
    pub fn read(setting: impl Fn(&str) -> Vec<String>) -> Result<Self, PluginError> {
        let vocabulary = Vocabulary::new(&setting("synonyms"));
        Ok(Self {
            writes: setting("writes"),
            except: setting("except"),
            unconsented: unconsented(&setting("unconsented"))?,
            vocabulary: vocabulary.ok_or_else(|| PluginError::BadConfig("synonyms".into()))?,
        })
    }

    /// Whether an action writes.
    pub fn is_write(&self, action: &str) -> bool {
        let listed = |patterns: &[String]| patterns.iter().any(|pattern| matches(pattern, action));
        !listed(&self.except)
            && if self.writes.is_empty() { sounds_writing(action) } else { listed(&self.writes) }
    }
}

fn unconsented(values: &[String]) -> Result<Unconsented, PluginError> {
    match values.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] | ["require-approval"] => Ok(Unconsented::RequireApproval),
        ["deny"] => Ok(Unconsented::Deny),
        _ => Err(PluginError::BadConfig("unconsented".into())),
    }
}

/// Whether the name is the pattern, in which `*` stands for any characters. The last star is
/// tried on ever more characters; an earlier one never needs to be, so the work is at most
/// name times pattern.
fn matches(pattern: &str, name: &str) -> bool {
    let (pattern, name) = (pattern.as_bytes(), name.as_bytes());
    let (mut at, mut rest, mut star) = (0, 0, None);
    while rest < name.len() {
        match (pattern.get(at), star) {
            (Some(b'*'), _) => {
                star = Some((at, rest));
                at += 1;
            }
            (Some(byte), _) if *byte == name[rest] => {
                at += 1;
                rest += 1;
            }
            (_, Some((after, taken))) => {
                star = Some((after, taken + 1));
                at = after + 1;
                rest = taken + 1;
            }
            (_, None) => return false,
        }
    }
    pattern[at..].iter().all(|byte| *byte == b'*')
}

/// Whether the name begins with a verb that writes, or says what of: `transfer_money`, but not
/// `transfer_call`.
fn sounds_writing(action: &str) -> bool {
    let local = action.rsplit(['.', '/', ':']).next().unwrap_or(action);
    let words = name_words(local);
    let is = |at: usize, list: &[&str]| words.get(at).is_some_and(|word| list.contains(&word.as_str()));
    is(0, &WRITING_VERBS)
        || (is(0, &["transfer", "move"]) && is(1, &["money", "funds", "balance", "payment"]))
}

/// The first words of the names of actions that write, where `writes` is not set.
pub const WRITING_VERBS: [&str; 36] = [
    "create", "add", "insert", "open", "register", "update", "change", "modify", "edit", "set", "replace",
    "rename", "delete", "remove", "erase", "drop", "cancel", "close", "book", "reserve", "order", "buy",
    "purchase", "send", "submit", "post", "publish", "issue", "refund", "return", "exchange", "pay",
    "charge", "withdraw", "grant", "revoke",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(writes: &[&str], except: &[&str]) -> Settings {
        Settings::read(|name| match name {
            "writes" => writes.iter().map(ToString::to_string).collect(),
            "except" => except.iter().map(ToString::to_string).collect(),
            _ => vec![],
        })
        .unwrap()
    }

    #[test]
    fn unconfigured_writes_are_known_by_their_verb() {
        let settings = settings(&[], &["send_typing_indicator"]);
        for write in ["cancel_order", "shop.issueRefund", "update-address", "transfer_money", "bank/pay_bill"]
        {
            assert!(settings.is_write(write), "{write}");
        }
        for read in
            ["get_order", "transfer_to_human_agents", "search", "", "send_typing_indicator", "booking_status"]
        {
            assert!(!settings.is_write(read), "{read}");
        }
    }

    #[test]
    fn configured_writes_are_the_only_ones() {
        let settings = settings(&["update_*", "*_refund", "a*b*c"], &["update_cache"]);
        for write in ["update_order", "issue_refund", "abc", "axxbyyc"] {
            assert!(settings.is_write(write), "{write}");
        }
        for read in ["cancel_order", "update_cache", "acb", "refund_order"] {
            assert!(!settings.is_write(read), "{read}");
        }
    }

    #[test]
    fn a_wrong_setting_is_named() {
        let wrong = |setting: &'static str, values: Vec<String>| {
            Settings::read(move |name| if name == setting { values.clone() } else { vec![] }).unwrap_err()
        };
        assert!(
            matches!(wrong("unconsented", vec!["maybe".into()]), PluginError::BadConfig(name) if name == "unconsented")
        );
        assert!(
            matches!(wrong("synonyms", vec!["a b".into(); 25]), PluginError::BadConfig(name) if name == "synonyms")
        );
    }
}
