//! What plugins of all worlds have in common: how they are loaded, and how they are called.

use core::borrow::Borrow;
use core::fmt;
use std::sync::Arc;

use wasmtime::component::InstancePre;

use crate::{
    Call, Compilation, Compliance, Config, Engine, Event, Inspection, LoadError, Persona, Policy, Value,
    World, admission,
    bindings::shared::types::{PluginError, Setting},
    export::{Export, Signature},
    sandbox::Sandbox,
};

/// A loaded plugin of any world, for hosts that are given a file and not told what it is.
#[derive(Debug, Clone)]
pub enum Plugin {
    /// How the agent speaks.
    Persona(Persona),
    /// What may happen.
    Policy(Policy),
    /// What an auditor should know.
    Compliance(Compliance),
}

impl Plugin {
    /// Admits a component of any world and makes it ready to be called.
    pub fn load(engine: &Engine, component: &[u8], config: Config) -> Result<Self, LoadError> {
        let admitted = Admitted::new(engine, component, None, config)?;
        Ok(match admitted.origin.inspection.world {
            World::Persona => Self::Persona(Persona::new(admitted)?),
            World::Policy => Self::Policy(Policy::new(admitted)?),
            World::Compliance => Self::Compliance(Compliance::new(admitted)?),
        })
    }

    /// The name it gives itself.
    pub fn name(&self) -> &str {
        match self {
            Self::Persona(plugin) => &plugin.description().name,
            Self::Policy(plugin) => &plugin.description().name,
            Self::Compliance(plugin) => &plugin.description().name,
        }
    }

    /// The version it gives itself.
    pub fn version(&self) -> &str {
        match self {
            Self::Persona(plugin) => &plugin.description().version,
            Self::Policy(plugin) => &plugin.description().version,
            Self::Compliance(plugin) => &plugin.description().version,
        }
    }

    /// Where it comes from.
    pub fn origin(&self) -> &Origin {
        match self {
            Self::Persona(plugin) => plugin.origin(),
            Self::Policy(plugin) => plugin.origin(),
            Self::Compliance(plugin) => plugin.origin(),
        }
    }
}

/// Where a loaded plugin comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// What the file is.
    pub inspection: Inspection,
    /// How its native code came about.
    pub compilation: Compilation,
}

/// A plugin that may be called.
#[derive(Clone)]
pub(crate) struct Admitted {
    engine: Engine,
    settings: Arc<[Setting]>,
    origin: Arc<Origin>,
    ready: InstancePre<Sandbox>,
}

impl Admitted {
    pub(crate) fn new(
        engine: &Engine,
        component: &[u8],
        expected: Option<World>,
        config: Config,
    ) -> Result<Self, LoadError> {
        let inspection = admission::admit(component, expected, engine.limits())?;
        let (ready, compilation) = engine.prepare(component, &inspection)?;
        let origin = Arc::new(Origin { inspection, compilation });
        Ok(Self { engine: engine.clone(), settings: config.into_settings(), origin, ready })
    }

    pub(crate) fn origin(&self) -> &Origin {
        &self.origin
    }

    /// What it was set to, for the calls that take it.
    pub(crate) fn settings(&self) -> &[Setting] {
        &self.settings
    }

    /// A function that it exports.
    pub(crate) fn export<S: Signature>(&self) -> Result<Export<S>, LoadError> {
        Export::find(&self.ready)
    }

    /// Makes one call in an instance of its own.
    pub(crate) fn call<S, T>(&self, function: &Export<S>, input_bytes: u64, params: S::Params<'_>) -> Call<T>
    where
        S: Signature<Answer = (Result<T, PluginError>,)>,
    {
        self.engine.call(input_bytes, |store| function.call(store, params).map(|(answer,)| answer))
    }

    /// Asks for the description, with the fuel of a call without input.
    pub(crate) fn describe<S, T>(&self) -> Result<T, LoadError>
    where
        S: for<'a> Signature<Params<'a> = (), Answer = (T,)>,
    {
        let describe = self.export::<S>()?;
        let call = self.engine.call(0, |store| describe.call(store, ()).map(|(answer,)| Ok(answer)));
        call.result.map_err(LoadError::DescribeFailed)
    }
}

impl fmt::Debug for Admitted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Admitted")
            .field("settings", &self.settings)
            .field("origin", &self.origin)
            .finish_non_exhaustive()
    }
}

/// What events weigh when fuel is given for them: their texts, and a little for each part.
pub(crate) fn weight<E: Borrow<Event>>(events: &[E]) -> u64 {
    events.iter().map(|event| event.borrow().weight()).sum()
}

impl Event {
    /// Its texts in bytes, and a little for each part.
    pub fn weight(&self) -> u64 {
        let texts = [&self.content, &self.action, &self.intent];
        let texts: usize = texts.into_iter().flatten().map(String::len).sum();
        let leaves: usize =
            self.leaves.iter().map(|leaf| LEAF_WEIGHT + leaf.path.len() + leaf.value.text_bytes()).sum();
        let marks: usize = self.marks.iter().map(|mark| LEAF_WEIGHT + mark.category.len()).sum();
        (EVENT_WEIGHT + texts + leaves + marks) as u64
    }
}

impl Value {
    fn text_bytes(&self) -> usize {
        match self {
            Self::Text(text) | Self::Decimal(text) => text.len(),
            _ => 0,
        }
    }
}

/// An event without texts, as bytes.
const EVENT_WEIGHT: usize = 128;
/// A leaf or mark without texts, as bytes.
const LEAF_WEIGHT: usize = 32;
