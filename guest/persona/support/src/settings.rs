//! The persona's settings.

use activemirror_guest::persona::PluginError;
use activemirror_guest::share;

/// What an operator may set.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// How the agent introduces itself.
    pub name: String,
    /// How it sounds.
    pub tone: Tone,
    /// Below this, a reply has to say that it is unsure.
    pub confidence_min: f64,
}

/// How the agent sounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Friendly.
    Warm,
    /// Short.
    Plain,
    /// Polite, and without exclamation marks or emoji.
    Formal,
}

impl Tone {
    /// As the system text asks for it.
    pub(crate) const fn request(self) -> &'static str {
        match self {
            Self::Warm => "Be friendly and patient, and let your user feel heard.",
            Self::Plain => "Be short and plain.",
            Self::Formal => "Be polite and formal, without exclamation marks or emoji.",
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self { name: "Support".into(), tone: Tone::Warm, confidence_min: 0.7 }
    }
}

impl Settings {
    /// Reads the settings; `get` gives one setting's values.
    pub(crate) fn read(get: impl Fn(&str) -> Vec<String>) -> Result<Self, PluginError> {
        let mut settings = Self::default();
        if let Some(name) = get(NAME).into_iter().next() {
            settings.name = one_line(name).ok_or(PluginError::BadConfig(NAME.into()))?;
        }
        if let Some(text) = get(TONE).first() {
            settings.tone = tone(text).ok_or(PluginError::BadConfig(TONE.into()))?;
        }
        if let Some(text) = get(CONFIDENCE_MIN).first() {
            settings.confidence_min = share(text).ok_or(PluginError::BadConfig(CONFIDENCE_MIN.into()))?;
        }
        Ok(settings)
    }
}

/// A name that cannot smuggle further instructions into the system text.
fn one_line(name: String) -> Option<String> {
    let fits = (1..=NAME_CHARS_MAX).contains(&name.chars().count());
    (fits && !name.chars().any(char::is_control)).then_some(name)
}

fn tone(name: &str) -> Option<Tone> {
    match name {
        "warm" => Some(Tone::Warm),
        "plain" => Some(Tone::Plain),
        "formal" => Some(Tone::Formal),
        _ => None,
    }
}

const NAME: &str = "name";
const TONE: &str = "tone";
const CONFIDENCE_MIN: &str = "confidence-min";
const NAME_CHARS_MAX: usize = 60;

#[cfg(test)]
mod tests {
    use super::{PluginError, Settings, Tone};

    fn read(name: &str, value: &str) -> Result<Settings, PluginError> {
        Settings::read(|asked| if asked == name { vec![value.to_owned()] } else { Vec::new() })
    }

    #[test]
    fn settings_are_read() {
        assert_eq!(read("", "").unwrap(), Settings::default());
        assert_eq!(read("name", "Mara").unwrap().name, "Mara");
        assert_eq!(read("tone", "formal").unwrap().tone, Tone::Formal);
        assert_eq!(read("confidence-min", "0.5").unwrap().confidence_min, 0.5);
    }

    #[test]
    fn wrong_settings_are_refused_by_name() {
        let long = "x".repeat(61);
        for (name, value) in
            [("name", ""), ("name", "a\nb"), ("name", &long), ("tone", "loud"), ("confidence-min", "2")]
        {
            assert_eq!(read(name, value), Err(PluginError::BadConfig(name.into())), "{value}");
        }
    }
}
