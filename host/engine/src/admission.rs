//! Who gets in: everything about a component that can be judged without compiling it.
//!
//! The bytes are validated with the parser and the features of the engine itself, counted, and
//! their imports and exports compared with the worlds of the contract: imports must lie within
//! what a world imports, exports must cover what it exports. More exports are fine, since they
//! are never called.

mod outline;
mod world;

use sha2::{Digest as _, Sha256};
use wasmparser::{Parser, WasmFeatures};

pub use self::world::World;
use self::{outline::Outline, world::Contract};
use crate::{Limits, LoadError};

/// The WebAssembly that plugins may use: what compilers emit for `wasm32-unknown-unknown` by
/// default. Every proposal left out is code of the engine that no plugin reaches.
pub(crate) const FEATURES: WasmFeatures = WasmFeatures::FLOATS
    .union(WasmFeatures::MUTABLE_GLOBAL)
    .union(WasmFeatures::SATURATING_FLOAT_TO_INT)
    .union(WasmFeatures::SIGN_EXTENSION)
    .union(WasmFeatures::MULTI_VALUE)
    .union(WasmFeatures::BULK_MEMORY)
    .union(WasmFeatures::REFERENCE_TYPES)
    .union(WasmFeatures::EXTENDED_CONST)
    .union(WasmFeatures::COMPONENT_MODEL);

/// What a component is, by its bytes alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspection {
    /// What kind of plugin it is.
    pub world: World,
    /// What it imports; all of it is granted.
    pub imports: Vec<String>,
    /// What it exports, in order.
    pub exports: Vec<String>,
    /// Its size in bytes.
    pub bytes: usize,
    /// The SHA-256 of the file.
    pub sha256: [u8; 32],
}

/// Judges a component of any world, without compiling or running it.
pub fn inspect(component: &[u8], limits: &Limits) -> Result<Inspection, LoadError> {
    admit(component, None, limits)
}

/// The same, for a component that must be of one world.
pub(crate) fn admit(
    component: &[u8],
    expected: Option<World>,
    limits: &Limits,
) -> Result<Inspection, LoadError> {
    let limit = limits.component_bytes;
    if component.len() > limit {
        return Err(LoadError::TooLarge { bytes: component.len(), limit });
    }
    refuse_other_files(component)?;
    let mut contract = Contract::read(FEATURES);
    let outline = Outline::read(component, &mut contract.validator, limits)?;
    let world = contract.world_of(&outline, expected)?;
    Ok(Inspection {
        world,
        imports: outline.imports,
        exports: outline.exports,
        bytes: component.len(),
        sha256: Sha256::digest(component).into(),
    })
}

fn refuse_other_files(bytes: &[u8]) -> Result<(), LoadError> {
    if Parser::is_component(bytes) {
        Ok(())
    } else if Parser::is_core_wasm(bytes) {
        Err(LoadError::CoreModule)
    } else {
        Err(LoadError::NotWasm)
    }
}
