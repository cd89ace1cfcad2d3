//! A loaded persona.

use std::sync::Arc;

use crate::{
    Call, Config, Engine, Event, Frame, LoadError, Origin, PersonaDescription, Review, World,
    bindings::shared::types::{PluginError, Setting},
    check,
    export::{Export, Signature},
    plugin::{Admitted, weight},
};

/// A persona: how the agent speaks. Clones are the same plugin.
#[derive(Debug, Clone)]
pub struct Persona {
    plugin: Admitted,
    frame: Export<AskFrame>,
    review: Export<AskReview>,
    description: Arc<PersonaDescription>,
}

impl Persona {
    /// Admits a component that is a persona and makes it ready to be called.
    pub fn load(engine: &Engine, component: &[u8], config: Config) -> Result<Self, LoadError> {
        Self::new(Admitted::new(engine, component, Some(World::Persona), config)?)
    }

    pub(crate) fn new(plugin: Admitted) -> Result<Self, LoadError> {
        let (frame, review) = (plugin.export()?, plugin.export()?);
        let description = Arc::new(check::persona(plugin.describe::<Describe, _>()?)?);
        Ok(Self { plugin, frame, review, description })
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
        let bytes = weight(context) + message.len() as u64;
        self.plugin.call(&self.frame, bytes, (self.plugin.settings(), context, message)).check(check::frame)
    }

    /// What becomes of a draft reply.
    pub fn review(&self, context: &[Event], draft: &str) -> Call<Review> {
        let bytes = weight(context) + draft.len() as u64;
        self.plugin.call(&self.review, bytes, (self.plugin.settings(), context, draft)).check(check::review)
    }
}

enum Describe {}

impl Signature for Describe {
    const NAME: &'static str = "describe";
    type Params<'a> = ();
    type Answer = (PersonaDescription,);
}

enum AskFrame {}

impl Signature for AskFrame {
    const NAME: &'static str = "frame";
    type Params<'a> = (&'a [Setting], &'a [Event], &'a str);
    type Answer = (Result<Frame, PluginError>,);
}

enum AskReview {}

impl Signature for AskReview {
    const NAME: &'static str = "review";
    type Params<'a> = (&'a [Setting], &'a [Event], &'a str);
    type Answer = (Result<Review, PluginError>,);
}
