//! The worlds of the contract, and which of them a component belongs to.
//!
//! The contract's types are read from the very description that the bindings were generated from,
//! by the same parser as the component, so both sides are compared structurally: a plugin that
//! admission passes also passes wasmtime's own check at instantiation.

use core::fmt;

use wasmparser::{
    Validator, WasmFeatures,
    component_types::{ComponentAnyTypeId, ComponentEntityType, ComponentType, ComponentTypeId},
    types::{Types, TypesRef},
};

use super::outline::Outline;
use crate::{LoadError, bindings, text};

/// The kinds of plugins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum World {
    /// How the agent speaks.
    Persona,
    /// What may happen.
    Policy,
    /// What an auditor should know.
    Compliance,
}

impl World {
    /// All worlds.
    pub const ALL: [Self; 3] = [Self::Persona, Self::Policy, Self::Compliance];

    /// The world's name in `wit/`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Persona => "persona",
            Self::Policy => "policy",
            Self::Compliance => "compliance",
        }
    }

    /// What a plugin of this world is called in a sentence.
    pub(crate) const fn noun(self) -> &'static str {
        match self {
            Self::Compliance => "compliance pack",
            Self::Persona | Self::Policy => self.name(),
        }
    }

    const fn description(self) -> &'static [u8] {
        match self {
            Self::Persona => bindings::persona::COMPONENT_TYPE,
            Self::Policy => bindings::policy::COMPONENT_TYPE,
            Self::Compliance => bindings::compliance::COMPONENT_TYPE,
        }
    }
}

impl fmt::Display for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// The contract's worlds as types, and the validator that read them: types of two validators
/// cannot be compared.
pub(super) struct Contract {
    pub(super) validator: Validator,
    worlds: [WorldType; 3],
}

struct WorldType {
    world: World,
    types: Types,
    id: ComponentTypeId,
}

impl Contract {
    pub(super) fn read(features: WasmFeatures) -> Self {
        let mut validator = Validator::new_with_features(features);
        let worlds = World::ALL.map(|world| WorldType::read(world, &mut validator));
        Self { validator, worlds }
    }

    /// The world a component belongs to, all of its imports and exports being right.
    ///
    /// A component that has no export of any world counts as a broken one of the world that was
    /// expected, if there was one, so that the error can say what is missing.
    pub(super) fn world_of(&self, component: &Outline, expected: Option<World>) -> Result<World, LoadError> {
        let nearest = self
            .worlds
            .iter()
            .max_by_key(|world| world.exports_in(component))
            .filter(|world| world.exports_in(component) > 0)
            .or_else(|| self.worlds.iter().find(|world| Some(world.world) == expected))
            .ok_or(LoadError::NoWorld)?;
        self.check_imports(nearest, component)?;
        nearest.check_exports(component)?;
        match expected {
            Some(expected) if expected != nearest.world => {
                Err(LoadError::WrongWorld { expected, found: nearest.world })
            }
            _ => Ok(nearest.world),
        }
    }

    /// Every import is one that some world has. Those that bring functions must have the type that
    /// this world gives them; types alone give a plugin nothing, and an SDK for all worlds may
    /// well import the types of all.
    fn check_imports(&self, of: &WorldType, component: &Outline) -> Result<(), LoadError> {
        let types = component.types.as_ref();
        for name in &component.imports {
            let known = self.worlds.iter().any(|world| world.contract().imports.contains_key(name));
            let wanted = types.component_item_for_import(name);
            let (true, Some(wanted)) = (known, wanted) else {
                return Err(LoadError::UngrantedImport { name: text::sentence(name.clone()) });
            };
            let fits = is_only_types(&wanted.ty, types)
                || of.contract().imports.get(name).is_some_and(|granted| {
                    ComponentEntityType::is_subtype_of(&granted.ty, of.types.as_ref(), &wanted.ty, types)
                });
            of.fits(name, fits)?;
        }
        Ok(())
    }
}

/// Whether an import brings no functions and no resources.
fn is_only_types(import: &ComponentEntityType, types: TypesRef<'_>) -> bool {
    match import {
        ComponentEntityType::Type { referenced, .. } => matches!(referenced, ComponentAnyTypeId::Defined(_)),
        ComponentEntityType::Instance(id) => types[*id].exports.values().all(|export| {
            matches!(export.ty, ComponentEntityType::Type { referenced: ComponentAnyTypeId::Defined(_), .. })
        }),
        _ => false,
    }
}

impl WorldType {
    fn read(world: World, validator: &mut Validator) -> Self {
        let types = validator.validate_all(world.description()).expect("invariant: generated from wit/");
        validator.reset();
        let id = Self::find(&types, world).expect("invariant: generated from wit/ for this world");
        Self { world, types, id }
    }

    /// A world is described as a component that exports a component type, which in turn exports
    /// the world's own type under its full name.
    fn find(types: &Types, world: World) -> Option<ComponentTypeId> {
        let types = types.as_ref();
        let outer = types.component_item_for_export(world.name())?;
        let ComponentEntityType::Type { referenced: ComponentAnyTypeId::Component(outer), .. } = outer.ty
        else {
            return None;
        };
        match types[outer].exports.values().next()?.ty {
            ComponentEntityType::Component(id) => Some(id),
            _ => None,
        }
    }

    fn contract(&self) -> &ComponentType {
        &self.types[self.id]
    }

    /// How many of the exports that set this world apart a component has.
    fn exports_in(&self, component: &Outline) -> usize {
        let own = self.contract().exports.keys().filter(|name| *name != SHARED_EXPORT);
        own.filter(|name| component.exports.contains(name)).count()
    }

    /// What is missing is said before what is wrong: it tells more.
    fn check_exports(&self, component: &Outline) -> Result<(), LoadError> {
        let exports = &self.contract().exports;
        if let Some(name) = exports.keys().find(|name| !component.exports.contains(name)) {
            return Err(LoadError::MissingExport { world: self.world, name: name.clone() });
        }
        for (name, asked) in exports {
            let Some(offered) = component.types.as_ref().component_item_for_export(name) else {
                return Err(LoadError::MissingExport { world: self.world, name: name.clone() });
            };
            let fits = ComponentEntityType::is_subtype_of(
                &offered.ty,
                component.types.as_ref(),
                &asked.ty,
                self.types.as_ref(),
            );
            self.fits(name, fits)?;
        }
        Ok(())
    }

    fn fits(&self, name: &str, fits: bool) -> Result<(), LoadError> {
        if fits { Ok(()) } else { Err(LoadError::WrongType { world: self.world, name: name.to_owned() }) }
    }
}

/// The export that every world has.
const SHARED_EXPORT: &str = "describe";
