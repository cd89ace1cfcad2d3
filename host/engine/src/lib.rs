//! The plugin gate: admits, compiles, runs and checks what others wrote.
//!
//! A plugin is a WebAssembly component of one of three worlds (`wit/`): a persona, a policy or a
//! compliance pack. It has no ambient rights: it is given its own settings and may import a
//! bounded log, and nothing else, so it has no clock, randomness, file or network, and can wait for
//! nothing. What it may take is written in [`Limits`]: fuel instead of time, memory in total,
//! output, state. Every call gets a fresh instance, so nothing a plugin remembers outlives its
//! answer but the state the host keeps. An answer is held against the contract before anybody sees
//! it.
//!
//! ```no_run
//! use activemirror_engine::{Config, Engine, Point, Policy, Setup, fail_closed};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let engine = Engine::new(Setup::default())?;
//! let policy = Policy::load(&engine, &std::fs::read("policy.wasm")?, Config::default())?;
//! let events: Vec<activemirror_engine::Event> = vec![];
//! let call = policy.decide(&[], Point::Input, &events);
//! let verdicts = match &call.result {
//!     Ok(decision) => decision.verdicts.clone(),
//!     Err(error) => vec![fail_closed(&policy.description().name, error); events.len()],
//! };
//! # Ok(())
//! # }
//! ```
//!
//! # What it does not do
//!
//! It keeps no state, applies no mask and records nothing: that is the pipeline's work. It knows
//! no format of events: callers fill the contract's own [`Event`]. It does not judge who wrote a
//! plugin; that is for signatures.
//!
//! # Strangers' plugins
//!
//! Execution is metered everywhere, compilation only in a worker process: give the engine
//! [`Compiler::Worker`] where plugins come from people one does not know. See [`Compiler`].
#![deny(unsafe_code)]
#![deny(missing_docs)]

mod admission;
mod bindings;
mod call;
mod check;
mod compile;
mod compliance;
mod config;
mod engine;
mod error;
mod export;
mod interest;
mod limits;
mod persona;
mod plugin;
mod policy;
mod sandbox;
mod text;
mod verdict;

pub use crate::{
    admission::{Inspection, World, inspect},
    bindings::{
        compliance::Observation,
        policy::Decision,
        shared::{
            compliance_types::{ControlState, Description as ComplianceDescription, Finding, Severity},
            persona_types::{Description as PersonaDescription, Frame, Pattern, Review},
            policy_types::{Description as PolicyDescription, Verdict},
            types::{
                Event, EventKind, EventKinds, Leaf, Mark, Place, PluginError, Point, Source, Span, Value,
            },
        },
    },
    call::Call,
    compile::{Cache, CacheFault, Compilation, Compiler, Worker, compile_worker_main},
    compliance::Compliance,
    config::Config,
    engine::{Allocation, Engine, Setup},
    error::{CallError, EngineError, LoadError},
    limits::{CompileLimits, Limits, STATE_BYTES_MAX},
    persona::Persona,
    plugin::{Origin, Plugin},
    policy::Policy,
    sandbox::{Level, Log, LogLine},
    verdict::{Combined, Edit, Outcome, Reason, combine, fail_closed, not_assessable},
};
