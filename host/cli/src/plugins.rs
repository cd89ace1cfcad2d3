//! Which plugins govern a command: the built-in ones, embedded as the component files they are, or
//! those that were asked for. All of them go through the same gate.

use std::fs;
use std::path::Path;

use activemirror::{Compiler, Config, Grant, PluginFile, Worker};

use crate::arguments::PluginArguments;
use crate::failure::Failure;

/// The hidden first argument that makes this program a compile worker.
pub(crate) const COMPILE_WORKER: &str = "compile-plugin-worker";

/// The built-in plugins, in the order in which they are asked.
pub(crate) const BUILT_IN: [(&str, &[u8]); 4] = [
    ("support", include_bytes!(concat!(env!("ACTIVEMIRROR_PLUGINS"), "/support.wasm"))),
    ("pii", include_bytes!(concat!(env!("ACTIVEMIRROR_PLUGINS"), "/pii.wasm"))),
    ("confirm-writes", include_bytes!(concat!(env!("ACTIVEMIRROR_PLUGINS"), "/confirm-writes.wasm"))),
    ("gdpr", include_bytes!(concat!(env!("ACTIVEMIRROR_PLUGINS"), "/gdpr.wasm"))),
];

/// Whether a command records anything that has to be governed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Governing {
    /// It records.
    Plugins,
    /// It only reads what is there.
    Nothing,
}

/// The plugins that govern a command.
pub(crate) fn chosen(arguments: &PluginArguments, governing: Governing) -> Result<Vec<PluginFile>, Failure> {
    if governing == Governing::Nothing || arguments.no_plugins {
        return Ok(Vec::new());
    }
    let settings = Settings::read(arguments.plugin_config.as_deref())?;
    let built_in = BUILT_IN.iter().map(|(name, _)| (*name).to_owned());
    let named = if arguments.plugin.is_empty() { built_in.collect() } else { arguments.plugin.clone() };
    settings.refuse_strangers(&named)?;
    named.iter().map(|name| settings.plugin(name)).collect()
}

/// The bytes of a component: a built-in one's, or a file's.
pub(crate) fn component(name: &str) -> Result<Vec<u8>, Failure> {
    if let Some((_, component)) = BUILT_IN.iter().find(|(known, _)| *known == name) {
        return Ok(component.to_vec());
    }
    fs::read(name).map_err(|error| {
        let known = BUILT_IN.map(|(name, _)| name).join(", ");
        Failure::input(format_args!(
            "plugin {name} is no file that can be read ({error}), and not one of {known}"
        ))
    })
}

/// Strangers' plugins are compiled in a process that can be stopped.
pub(crate) fn compiler() -> Result<Compiler, Failure> {
    let program = std::env::current_exe()
        .map_err(|error| Failure::system(format_args!("cannot find this program's own file: {error}")))?;
    Ok(Compiler::Worker(Worker { program, args: vec![COMPILE_WORKER.into()] }))
}

/// The setting that lets a plugin see personal data that policies marked. Built-in plugins may;
/// strangers' may not, unless it says so.
const GRANT: &str = "grant-personal-data";

const fn grant(granted: bool) -> Grant {
    if granted { Grant::PersonalData } else { Grant::Masked }
}

/// Settings of plugins, by the plugin's name.
struct Settings(toml::Table);

impl Settings {
    fn read(path: Option<&Path>) -> Result<Self, Failure> {
        let Some(path) = path else { return Ok(Self(toml::Table::new())) };
        let about = |error: &dyn core::fmt::Display| {
            Failure::input(format_args!("plugin settings {}: {error}", path.display()))
        };
        let text = fs::read_to_string(path).map_err(|error| about(&error))?;
        text.parse().map(Self).map_err(|error| about(&error))
    }

    /// A table for no plugin is a misspelt name, and a policy without its settings governs otherwise
    /// than was meant.
    fn refuse_strangers(&self, named: &[String]) -> Result<(), Failure> {
        let stems: Vec<String> = named.iter().map(|name| stem(name)).collect();
        let stranger = self.0.keys().find(|table| !stems.contains(table));
        stranger.map_or(Ok(()), |table| {
            let known = stems.join(", ");
            Err(Failure::input(format_args!(
                "plugin settings: there is no plugin {table}; there are {known}"
            )))
        })
    }

    fn plugin(&self, name: &str) -> Result<PluginFile, Failure> {
        let stem = stem(name);
        let mut table = self.0.get(&stem).cloned().unwrap_or_else(|| toml::Value::Table(toml::Table::new()));
        let granted = table.as_table_mut().and_then(|table| table.remove(GRANT));
        let built_in = BUILT_IN.iter().any(|(known, _)| *known == name);
        let grant = match granted {
            Some(toml::Value::Boolean(granted)) => grant(granted),
            Some(_) => return Err(Failure::input(format_args!("setting {stem}.{GRANT} is true or false"))),
            None => grant(built_in),
        };
        let (component, config) = (component(name)?, config(&stem, &table)?);
        Ok(PluginFile { name: name.to_owned(), component, config, grant })
    }
}

/// What a plugin's settings are called: its built-in name, or its file's without the ending.
fn stem(name: &str) -> String {
    Path::new(name).file_stem().map_or_else(|| name.to_owned(), |stem| stem.to_string_lossy().into_owned())
}

/// A table of texts, numbers, booleans, and lists of them.
fn config(plugin: &str, table: &toml::Value) -> Result<Config, Failure> {
    let wrong = |name: &str| {
        Failure::input(format_args!(
            "setting {plugin}.{name} is neither a text, a number, a boolean nor a list of them"
        ))
    };
    let table = table
        .as_table()
        .ok_or_else(|| Failure::input(format_args!("settings of plugin {plugin} are not a table")))?;
    let setting = |(name, value): (&String, &toml::Value)| {
        let values = match value {
            toml::Value::Array(values) => values.iter().map(scalar).collect::<Option<Vec<_>>>(),
            one => scalar(one).map(|one| vec![one]),
        };
        Ok((name.clone(), values.ok_or_else(|| wrong(name))?))
    };
    table.iter().map(setting).collect::<Result<Vec<_>, Failure>>().map(Config::from_iter)
}

fn scalar(value: &toml::Value) -> Option<String> {
    match value {
        toml::Value::String(text) => Some(text.clone()),
        toml::Value::Integer(number) => Some(number.to_string()),
        toml::Value::Float(number) => Some(number.to_string()),
        toml::Value::Boolean(truth) => Some(truth.to_string()),
        _ => None,
    }
}
