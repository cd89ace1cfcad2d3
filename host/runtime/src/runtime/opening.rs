//! Opening what lies in a data directory: the device key, the store, and who holds it; and the plugins,
//! whose compiled code lies there.

use std::fs;
use std::path::Path;

use activemirror_core::vault::{Key, KeyTree};
use activemirror_engine::{Cache, Compiler, Engine, Setup};
use activemirror_store::{Options as StoreOptions, Store, StoreError};

use super::Options;
use crate::device_key;
use crate::error::Error;
use crate::plugins::{PluginFile, Plugins};
use crate::seen::Seen;

/// Pages that a host keeps in memory: the working set of a few open blocks.
const CACHE_BYTES: usize = 32 << 20;

/// Where a process that holds a data directory says who it is.
pub(crate) const HOLDER_FILE: &str = "holder";

/// Where compiled plugins are kept.
const COMPILED_FOLDER: &str = "compiled-plugins";

/// The device key of a data directory, which is made if need be.
pub(crate) fn load_key(options: &Options) -> Result<Key, Error> {
    let Options { data, key_file, .. } = options;
    fs::create_dir_all(data).map_err(|error| Error::Data(data.clone(), error))?;
    Ok(device_key::load(key_file, data, Store::exists(data))?)
}

/// Opens the store of a data directory, or makes it; gives what this device has seen of it as well.
pub(crate) fn open_store(data: &Path, key_file: &Path, key: &Key) -> Result<(Store, Seen), Error> {
    let store = Store::open(data, store_options(key)).map_err(|error| match error {
        StoreError::Held => Error::Held(data.to_owned(), holder(data)),
        other => Error::Store(other),
    })?;
    say_who(data)?;
    Ok((store, Seen::beside(key_file)))
}

/// How stores are opened here.
fn store_options(key: &Key) -> StoreOptions {
    StoreOptions { keys: KeyTree::new(key), entropy: fill_random, cache_bytes: CACHE_BYTES }
}

/// Loads plugins through the gate; their compiled code is kept in the data directory, under a key
/// that only this device has.
pub(super) fn load_plugins(
    data: &Path,
    key: &Key,
    files: Vec<PluginFile>,
    compiler: Compiler,
) -> Result<Plugins, Error> {
    if files.is_empty() {
        return Ok(Plugins::default());
    }
    let folder = data.join(COMPILED_FOLDER);
    let cache = Cache::open(&folder, *key.derive("plugin-cache").expose())
        .map_err(|error| Error::Data(folder, error))?;
    let engine = Engine::new(Setup { compiler, cache: Some(cache), ..Setup::default() })?;
    Ok(Plugins::load(&engine, files)?)
}

fn say_who(data: &Path) -> Result<(), Error> {
    let program = std::env::args_os().next().unwrap_or_default();
    let program = Path::new(&program).file_name().map(|name| name.to_string_lossy().into_owned());
    let who = format!("{} (process {})", program.unwrap_or_default(), std::process::id());
    let path = data.join(HOLDER_FILE);
    fs::write(&path, who).map_err(|error| Error::Data(path, error))
}

pub(crate) fn holder(data: &Path) -> Option<String> {
    fs::read_to_string(data.join(HOLDER_FILE)).ok().filter(|who| !who.is_empty() && who.len() < 256)
}

pub(crate) fn fill_random(bytes: &mut [u8]) -> bool {
    getrandom::fill(bytes).is_ok()
}
