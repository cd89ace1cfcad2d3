//! A loaded persona.

use std::sync::Arc;

use wasmtime::component::InstancePre;

use crate::{
    Call, Config, Engine, Event, Frame, LoadError, Origin, PersonaDescription, Review, World,
    bindings::persona::PersonaPre,
    check,
    plugin::{Admitted, weight},
    sandbox::Sandbox,
};

/// A persona: how the agent speaks. Clones are the same plugin.
#[derive(Debug, Clone)]
pub struct Persona {
    plugin: Admitted<PersonaPre<Sandbox>>,
    description: Arc<PersonaDescription>,
}

impl Persona {
    /// Admits a component that is a persona and makes it ready to be called.
    pub fn load(engine: &Engine, component: &[u8], config: Config) -> Result<Self, LoadError> {
        Self::new(Admitted::new(engine, component, Some(World::Persona), config)?)
    }

    pub(crate) fn new(admitted: Admitted<InstancePre<Sandbox>>) -> Result<Self, LoadError> {
        let plugin = admitted.bind(PersonaPre::new)?;
        let description =
            plugin.describe(|ready, store| ready.instantiate(&mut *store)?.call_describe(store))?;
        Ok(Self { plugin, description: Arc::new(check::persona(description)?) })
    }

    /// Who this is.
    pub fn description(&self) -> &PersonaDescription {
        &self.description
    }

    /// Where it comes from.
    pub fn origin(&self) -> &Origin {
        self.plugin.origin()
    }

    /// The turn's frame, from the conversation so far and the user's new message.
    pub fn frame(&self, context: &[Event], message: &str) -> Call<Frame> {
        self.plugin
            .call(weight(context) + message.len() as u64, |ready, store| {
                ready.instantiate(&mut *store)?.call_frame(store, self.plugin.settings(), context, message)
            })
            .check(check::frame)
    }

    /// What becomes of a draft reply.
    pub fn review(&self, context: &[Event], draft: &str) -> Call<Review> {
        self.plugin
            .call(weight(context) + draft.len() as u64, |ready, store| {
                ready.instantiate(&mut *store)?.call_review(store, self.plugin.settings(), context, draft)
            })
            .check(check::review)
    }
}
