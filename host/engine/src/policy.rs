//! A loaded policy.

use core::borrow::Borrow;
use std::sync::Arc;

use crate::{
    Call, Config, Decision, Engine, Event, LoadError, Origin, Point, PolicyDescription, Verdict, World,
    bindings::shared::types::{PluginError, Setting},
    check,
    export::{Export, Signature},
    plugin::{Admitted, weight},
};

/// A policy: what may happen. Clones are the same plugin.
#[derive(Debug, Clone)]
pub struct Policy {
    plugin: Admitted,
    decide: Export<Decide>,
    description: Arc<PolicyDescription>,
}

impl Policy {
    /// Admits a component that is a policy and makes it ready to be called.
    pub fn load(engine: &Engine, component: &[u8], config: Config) -> Result<Self, LoadError> {
        Self::new(Admitted::new(engine, component, Some(World::Policy), config)?)
    }

    pub(crate) fn new(plugin: Admitted) -> Result<Self, LoadError> {
        let decide = plugin.export()?;
        let description = Arc::new(check::policy(plugin.describe::<Describe, _>()?)?);
        Ok(Self { plugin, decide, description })
    }

    /// Which policy this is.
    pub fn description(&self) -> &PolicyDescription {
        &self.description
    }

    /// Where it comes from.
    pub fn origin(&self) -> &Origin {
        self.plugin.origin()
    }

    /// Decides on the new events of one trace: one verdict each, marks in order and none
    /// overlapping another. Events that it does not look at it allows without a call; an answer that
    /// does not allow what it does not rule on is a failure. After a failure the state stays what it
    /// was, and the verdicts are [`fail_closed`](crate::fail_closed).
    pub fn decide<E: Borrow<Event>>(&self, state: &[u8], point: Point, events: &[E]) -> Call<Decision> {
        let shown = self.description.looks_at.of(events);
        if shown.is_empty() && !events.is_empty() {
            let verdicts = vec![Verdict::Allow; events.len()];
            return Call::spared(Decision { verdicts, state: state.to_vec() });
        }
        self.plugin
            .call(&self.decide, weight(&shown), (self.plugin.settings(), state, point, &shown))
            .check(|decision| check::decision(decision, events, &self.description))
    }
}

enum Describe {}

impl Signature for Describe {
    const NAME: &'static str = "describe";
    type Params<'a> = ();
    type Answer = (PolicyDescription,);
}

enum Decide {}

impl Signature for Decide {
    const NAME: &'static str = "decide";
    type Params<'a> = (&'a [Setting], &'a [u8], Point, &'a [&'a Event]);
    type Answer = (Result<Decision, PluginError>,);
}
