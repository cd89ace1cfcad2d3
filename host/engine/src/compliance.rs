//! A loaded compliance pack.

use std::sync::Arc;

use crate::{
    Call, ComplianceDescription, Config, Engine, Event, Finding, LoadError, Observation, Origin, World,
    bindings::shared::types::{PluginError, Setting},
    check::{self, Evidence},
    export::{Export, Signature},
    plugin::{Admitted, weight},
};

/// A compliance pack: what an auditor should know. Clones are the same plugin.
#[derive(Debug, Clone)]
pub struct Compliance {
    plugin: Admitted,
    observe: Export<Observe>,
    finish: Export<Finish>,
    description: Arc<ComplianceDescription>,
}

impl Compliance {
    /// Admits a component that is a compliance pack and makes it ready to be called.
    pub fn load(engine: &Engine, component: &[u8], config: Config) -> Result<Self, LoadError> {
        Self::new(Admitted::new(engine, component, Some(World::Compliance), config)?)
    }

    pub(crate) fn new(plugin: Admitted) -> Result<Self, LoadError> {
        let (observe, finish) = (plugin.export()?, plugin.export()?);
        let description = Arc::new(check::compliance(plugin.describe::<Describe, _>()?)?);
        Ok(Self { plugin, observe, finish, description })
    }

    /// Which pack this is.
    pub fn description(&self) -> &ComplianceDescription {
        &self.description
    }

    /// Where it comes from.
    pub fn origin(&self) -> &Origin {
        self.plugin.origin()
    }

    /// Looks at the new events of one trace, those that it does not look at left out. Evidence may be
    /// these events, and those of the trace that were `seen` in earlier calls. After a failure the
    /// state stays what it was, and the findings are [`not_assessable`](crate::not_assessable).
    pub fn observe(&self, state: &[u8], events: &[Event], seen: impl Fn(u64) -> bool) -> Call<Observation> {
        let shown = self.description.looks_at.of(events);
        if shown.is_empty() && !events.is_empty() {
            return Call::spared(Observation { findings: Vec::new(), state: state.to_vec() });
        }
        let evidence = Evidence::new(&self.description, &shown, seen);
        self.plugin
            .call(&self.observe, weight(&shown), (self.plugin.settings(), state, &shown))
            .check(|observation| check::observation(observation, &evidence))
    }

    /// The trace has ended: what it shows as a whole.
    pub fn finish(&self, state: &[u8], seen: impl Fn(u64) -> bool) -> Call<Vec<Finding>> {
        let evidence = Evidence::new(&self.description, &[], seen);
        self.plugin
            .call(&self.finish, 0, (self.plugin.settings(), state))
            .check(|findings| check::findings(findings, &evidence))
    }
}

enum Describe {}

impl Signature for Describe {
    const NAME: &'static str = "describe";
    type Params<'a> = ();
    type Answer = (ComplianceDescription,);
}

enum Observe {}

impl Signature for Observe {
    const NAME: &'static str = "observe";
    type Params<'a> = (&'a [Setting], &'a [u8], &'a [&'a Event]);
    type Answer = (Result<Observation, PluginError>,);
}

enum Finish {}

impl Signature for Finish {
    const NAME: &'static str = "finish";
    type Params<'a> = (&'a [Setting], &'a [u8]);
    type Answer = (Result<Vec<Finding>, PluginError>,);
}
