//! A loaded compliance pack.

use std::sync::Arc;

use wasmtime::component::InstancePre;

use crate::{
    Call, ComplianceDescription, Config, Engine, Event, Finding, LoadError, Observation, Origin, World,
    bindings::compliance::CompliancePre,
    check::{self, Evidence},
    plugin::{Admitted, weight},
    sandbox::Sandbox,
};

/// A compliance pack: what an auditor should know. Clones are the same plugin.
#[derive(Debug, Clone)]
pub struct Compliance {
    plugin: Admitted<CompliancePre<Sandbox>>,
    description: Arc<ComplianceDescription>,
}

impl Compliance {
    /// Admits a component that is a compliance pack and makes it ready to be called.
    pub fn load(engine: &Engine, component: &[u8], config: Config) -> Result<Self, LoadError> {
        Self::new(Admitted::new(engine, component, Some(World::Compliance), config)?)
    }

    pub(crate) fn new(admitted: Admitted<InstancePre<Sandbox>>) -> Result<Self, LoadError> {
        let plugin = admitted.bind(CompliancePre::new)?;
        let description =
            plugin.describe(|ready, store| ready.instantiate(&mut *store)?.call_describe(store))?;
        Ok(Self { plugin, description: Arc::new(check::compliance(description)?) })
    }

    /// Which pack this is.
    pub fn description(&self) -> &ComplianceDescription {
        &self.description
    }

    /// Where it comes from.
    pub fn origin(&self) -> &Origin {
        self.plugin.origin()
    }

    /// Looks at the new events of one trace; without a call where it looks at none of them. Evidence may be these events, and those of the trace
    /// that were `seen` in earlier calls. After a failure the state stays what it was, and the
    /// findings are [`not_assessable`](crate::not_assessable).
    pub fn observe(&self, state: &[u8], events: &[Event], seen: impl Fn(u64) -> bool) -> Call<Observation> {
        let shown = self.description.looks_at.of(events);
        if shown.is_empty() && !events.is_empty() {
            return Call::spared(Observation { findings: Vec::new(), state: state.to_vec() });
        }
        let evidence = Evidence::new(&self.description, &shown, seen);
        self.plugin
            .call(weight(&shown), |ready, store| {
                ready.instantiate(&mut *store)?.call_observe(store, self.plugin.settings(), state, &shown)
            })
            .check(|observation| check::observation(observation, &evidence))
    }

    /// The trace has ended: what it shows as a whole.
    pub fn finish(&self, state: &[u8], seen: impl Fn(u64) -> bool) -> Call<Vec<Finding>> {
        let evidence = Evidence::new(&self.description, &[], seen);
        self.plugin
            .call(0, |ready, store| {
                ready.instantiate(&mut *store)?.call_finish(store, self.plugin.settings(), state)
            })
            .check(|findings| check::findings(findings, &evidence))
    }
}
