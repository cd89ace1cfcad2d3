//! Where things lie: the data directory and the device key.

use std::path::{Path, PathBuf};

use activemirror::{Options, Runtime};
use etcetera::{AppStrategy, AppStrategyArgs, choose_app_strategy};

use crate::arguments::Arguments;
use crate::cold;
use crate::failure::Failure;
use crate::plugins::{self, Governing};

/// The data directory, and the device key's file.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) data: PathBuf,
    pub(crate) key_file: PathBuf,
}

impl Place {
    /// What was asked for, or what is usual on this platform.
    pub(crate) fn of(arguments: &Arguments) -> Result<Self, Failure> {
        if let (Some(data), Some(key_file)) = (&arguments.data, &arguments.key_file) {
            return Ok(Self { data: data.clone(), key_file: key_file.clone() });
        }
        let usual = Self::usual()?;
        Ok(Self {
            data: arguments.data.clone().unwrap_or(usual.data),
            key_file: arguments.key_file.clone().unwrap_or(usual.key_file),
        })
    }

    /// A place of its own for the run of this name, beside the usual one.
    pub(crate) fn apart(folder: &str, run: &str, arguments: &Arguments) -> Result<Self, Failure> {
        let place = Self::of(arguments)?;
        let beside = |file: &Path| file.with_file_name(folder).join(format!("{run}.key"));
        Ok(Self {
            data: arguments.data.clone().unwrap_or_else(|| place.data.join(folder).join(run)),
            key_file: arguments.key_file.clone().unwrap_or_else(|| beside(&place.key_file)),
        })
    }

    fn usual() -> Result<Self, Failure> {
        let name = AppStrategyArgs {
            top_level_domain: String::new(),
            author: String::new(),
            app_name: "activemirror".to_owned(),
        };
        let folders = choose_app_strategy(name).map_err(|_| {
            Failure::input("there is no home directory; say where with --data and --key-file")
        })?;
        Ok(Self { data: folders.data_dir(), key_file: folders.config_dir().join("device.key") })
    }
}

/// Opens the runtime with the plugins that the command is to be governed by.
pub(crate) fn open(arguments: &Arguments, governing: Governing) -> Result<Runtime, Failure> {
    open_at(&Place::of(arguments)?, arguments, governing)
}

/// Opens the runtime to look at whatever is there, changed or put back.
pub(crate) fn open_to_check(arguments: &Arguments) -> Result<Runtime, Failure> {
    Ok(Runtime::open(Options { to_check: true, ..options_of(arguments)? })?)
}

/// How the runtime is opened by whoever asks no plugins.
pub(crate) fn options_of(arguments: &Arguments) -> Result<Options, Failure> {
    options(&Place::of(arguments)?, arguments, Governing::Nothing)
}

/// Opens the runtime of this place.
pub(crate) fn open_at(
    place: &Place,
    arguments: &Arguments,
    governing: Governing,
) -> Result<Runtime, Failure> {
    Ok(Runtime::open(options(place, arguments, governing)?)?)
}

fn options(place: &Place, arguments: &Arguments, governing: Governing) -> Result<Options, Failure> {
    Ok(Options {
        data: place.data.clone(),
        key_file: place.key_file.clone(),
        plugins: plugins::chosen(&arguments.plugins, governing)?,
        compiler: plugins::compiler()?,
        cold: cold::of(&place.data),
        ..Options::default()
    })
}
