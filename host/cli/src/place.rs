//! Where things lie: the data directory and the device key.

use std::path::PathBuf;

use activemirror::{Options, Runtime};
use directories::ProjectDirs;

use crate::arguments::Arguments;
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
        let dirs = ProjectDirs::from("", "", "activemirror");
        let homeless = || Failure::input("there is no home directory; say where with --data and --key-file");
        let usual = |path: fn(&ProjectDirs) -> PathBuf| dirs.as_ref().map(path).ok_or_else(homeless);
        let data = arguments.data.clone().map_or_else(|| usual(|dirs| dirs.data_dir().to_owned()), Ok)?;
        let key_file = arguments.key_file.clone();
        let key_file = key_file.map_or_else(|| usual(|dirs| dirs.config_dir().join("device.key")), Ok)?;
        Ok(Self { data, key_file })
    }
}

/// Opens the runtime with the plugins that the command is to be governed by.
pub(crate) fn open(arguments: &Arguments, governing: Governing) -> Result<Runtime, Failure> {
    open_at(&Place::of(arguments)?, arguments, governing)
}

/// The same at another place.
pub(crate) fn open_at(place: &Place, arguments: &Arguments, governing: Governing) -> Result<Runtime, Failure> {
    let options = Options {
        data: place.data.clone(),
        key_file: place.key_file.clone(),
        plugins: plugins::chosen(&arguments.plugins, governing)?,
        compiler: plugins::compiler()?,
    };
    Ok(Runtime::open(options)?)
}
