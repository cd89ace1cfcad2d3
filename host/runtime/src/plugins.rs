//! The plugins that govern a runtime, numbered as the log knows them.

use activemirror_core::hash::{Digest, sha256};
use activemirror_engine::{Compliance, Config, Engine, LoadError, Persona, Plugin, Policy};

/// A plugin to be loaded: its component file and its settings.
#[derive(Clone, Debug)]
pub struct PluginFile {
    /// What messages call it: a path or a built-in name.
    pub name: String,
    /// The component.
    pub component: Vec<u8>,
    /// Its settings.
    pub config: Config,
    /// What it may see, if it asks to.
    pub grant: Grant,
}

/// Whether a plugin may see personal data that policies marked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grant {
    /// It sees the originals, if its description asks for them.
    PersonalData,
    /// It sees tokens, whatever it asks for.
    #[default]
    Masked,
}

/// Why a plugin was refused.
#[derive(Debug)]
pub struct Refused {
    /// What [`PluginFile::name`] said.
    pub plugin: String,
    /// Why.
    pub error: LoadError,
}

impl core::fmt::Display for Refused {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "plugin {}: {}", self.plugin, self.error)
    }
}

impl core::error::Error for Refused {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        Some(&self.error)
    }
}

/// A plugin, and what the log says of it.
#[derive(Clone, Debug)]
pub(crate) struct Numbered<P> {
    /// Its number in this log; given when the log is opened.
    pub number: u16,
    /// What the log is told of it.
    pub identity: Identity,
    /// What it sees.
    pub grant: Grant,
    /// The plugin.
    pub plugin: P,
}

/// What tells a plugin from another: a change in any of it is another plugin.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Identity {
    /// `persona`, `policy` or `compliance`.
    pub world: &'static str,
    /// The name it gives itself.
    pub name: String,
    /// The version it gives itself.
    pub version: String,
    /// SHA-256 of its component.
    pub sha256: Digest,
    /// SHA-256 of its settings.
    pub config: Digest,
}

/// All plugins of a runtime, in the order in which they were given; of policies, those who see
/// personal data come first.
#[derive(Clone, Debug, Default)]
pub(crate) struct Plugins {
    /// How the agent speaks; the first one counts.
    pub personas: Vec<Numbered<Persona>>,
    /// What may happen.
    pub policies: Vec<Numbered<Policy>>,
    /// What an auditor should know.
    pub compliance: Vec<Numbered<Compliance>>,
}

impl Plugins {
    /// Loads plugins through the gate; one refused plugin refuses all.
    pub(crate) fn load(
        engine: &Engine,
        files: impl IntoIterator<Item = PluginFile>,
    ) -> Result<Self, Refused> {
        let mut plugins = Self::default();
        for file in files {
            let config = digest(&file.config, file.grant);
            let plugin = Plugin::load(engine, &file.component, file.config)
                .map_err(|error| Refused { plugin: file.name, error })?;
            plugins.add(plugin, sha256(&file.component), config, file.grant);
        }
        // Those who find personal data are asked first, or the others would see it once.
        plugins.policies.sort_by_key(|policy| policy.grant);
        Ok(plugins)
    }

    /// Whether there is anything that governs.
    pub(crate) const fn govern(&self) -> bool {
        !self.policies.is_empty()
    }

    /// Whether all policies decide alike at all points.
    pub(crate) fn at_any_point(&self) -> bool {
        self.policies.iter().all(|policy| policy.plugin.description().any_point)
    }

    /// Whether anybody looks at events once they are recorded.
    pub(crate) const fn look_back(&self) -> bool {
        self.has_persona() || !self.compliance.is_empty()
    }

    /// Whether there is anybody to frame and review.
    pub(crate) const fn has_persona(&self) -> bool {
        !self.personas.is_empty()
    }

    /// The identities, each with the place where its number goes.
    pub(crate) fn identities(&mut self) -> impl Iterator<Item = (&Identity, &mut u16)> {
        let personas = self.personas.iter_mut().map(|p| (&p.identity, &mut p.number));
        let policies = self.policies.iter_mut().map(|p| (&p.identity, &mut p.number));
        let compliance = self.compliance.iter_mut().map(|p| (&p.identity, &mut p.number));
        personas.chain(policies).chain(compliance)
    }

    fn add(&mut self, plugin: Plugin, sha256: Digest, config: Digest, granted: Grant) {
        let (name, version) = (plugin.name().to_owned(), plugin.version().to_owned());
        let identity = |world| Identity { world, name, version, sha256, config };
        match plugin {
            Plugin::Persona(plugin) => {
                let (identity, grant) = (identity("persona"), Grant::Masked);
                self.personas.push(Numbered { number: 0, identity, grant, plugin });
            }
            Plugin::Policy(plugin) => {
                let grant = granted.if_wanted(plugin.description().wants_personal_data);
                self.policies.push(Numbered { number: 0, identity: identity("policy"), grant, plugin });
            }
            Plugin::Compliance(plugin) => {
                let grant = granted.if_wanted(plugin.description().wants_personal_data);
                self.compliance.push(Numbered { number: 0, identity: identity("compliance"), grant, plugin });
            }
        }
    }
}

impl Grant {
    const fn if_wanted(self, wanted: bool) -> Self {
        if wanted { self } else { Self::Masked }
    }
}

/// SHA-256 over the grant, and names and values, each behind its length.
fn digest(config: &Config, grant: Grant) -> Digest {
    let mut bytes = vec![grant as u8];
    let mut put = |text: &str| {
        bytes.extend((text.len() as u64).to_le_bytes());
        bytes.extend(text.as_bytes());
    };
    for (name, values) in config.iter() {
        put(name);
        put(&values.len().to_string());
        values.iter().for_each(|value| put(value));
    }
    sha256(&bytes)
}
