//! From an admitted component to native code: compiled here or in a worker, or taken from the
//! cache.
//!
//! Admission bounds what a compiler meets, but a small component can still keep it busy for
//! seconds and gigabytes: execution is metered, compilation is not. So a host that loads
//! strangers' plugins gives the engine a [`Worker`]: a process with a deadline and an address
//! space of its own. In-process compilation, the default for embedders who load their own
//! plugins, has neither.

mod cache;
mod worker;

use core::{
    hash::{Hash as _, Hasher as _},
    panic::AssertUnwindSafe,
};
use std::{hash::DefaultHasher, panic::catch_unwind};

use wasmtime::component::Component;

use self::cache::{Entry, Found};
pub use self::{
    cache::{Cache, CacheFault},
    worker::{Worker, compile_worker_main},
};
use crate::{Limits, LoadError, engine::CodeSettings};

/// Where plugins are compiled.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Compiler {
    /// In this process, without a deadline or a memory limit: for plugins one trusts to be no
    /// compile bombs.
    #[default]
    InProcess,
    /// In a process of its own that is stopped at the limits: for everybody's plugins.
    Worker(Worker),
}

/// How a plugin's native code came about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Compilation {
    /// Whether it was taken from the cache.
    pub cached: bool,
    /// What was wrong with the cache, if anything. The plugin was compiled all the same.
    pub fault: Option<CacheFault>,
}

/// One component to be compiled.
#[derive(Clone, Copy)]
pub(crate) struct Work<'w> {
    pub(crate) engine: &'w wasmtime::Engine,
    pub(crate) code: CodeSettings,
    pub(crate) limits: &'w Limits,
    pub(crate) component: &'w [u8],
    pub(crate) sha256: &'w [u8; 32],
}

impl Work<'_> {
    pub(crate) fn run(
        self,
        compiler: &Compiler,
        cache: Option<&Cache>,
    ) -> Result<(Component, Compilation), LoadError> {
        let Some(cache) = cache else {
            return Ok((self.load(self.compile(compiler)?)?, Compilation::default()));
        };
        let entry = Entry { component: self.sha256, engine: fingerprint(self.engine) };
        let fault = match cache.find(entry) {
            Found::Code(code) => match self.load(code) {
                Ok(component) => return Ok((component, Compilation { cached: true, fault: None })),
                Err(_) => None, // of another machine; compiled anew below
            },
            Found::Nothing => None,
            Found::Fault(fault) => Some(fault),
        };
        let code = self.compile(compiler)?;
        let fault = fault.or(cache.keep(entry, code.as_bytes()).err());
        Ok((self.load(code)?, Compilation { cached: false, fault }))
    }

    fn compile(self, compiler: &Compiler) -> Result<NativeCode, LoadError> {
        let code = match compiler {
            Compiler::InProcess => self.compile_here()?,
            Compiler::Worker(worker) => worker.compile(self.component, self.code, &self.limits.compile)?,
        };
        Ok(NativeCode(code))
    }

    fn compile_here(self) -> Result<Vec<u8>, LoadError> {
        catch_unwind(AssertUnwindSafe(|| self.engine.precompile_component(self.component)))
            .map_err(|_| LoadError::not_compiled("the compiler panicked"))?
            .map_err(LoadError::not_compiled)
    }

    fn load(self, code: NativeCode) -> Result<Component, LoadError> {
        code.load(self.engine).map_err(LoadError::does_not_fit)
    }
}

/// Native code that this program's compiler made: in this process, in the worker it started, or
/// earlier and under its authentication key since. Nothing else may construct one.
struct NativeCode(Vec<u8>);

impl NativeCode {
    fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    #[allow(unsafe_code, reason = "the one place where bytes become machine code")]
    fn load(self, engine: &wasmtime::Engine) -> wasmtime::Result<Component> {
        // SAFETY: wasmtime asks that the bytes come unchanged from its own compiler. That is what
        // a `NativeCode` is: see its three makers, `compile_here`, `Worker::compile` (complete
        // answers only) and `Cache::find` (authenticated files only).
        unsafe { Component::deserialize(engine, self.0) }
    }
}

/// What native code depends on besides its component: the engine's version and settings, and the
/// machine. A collision costs one recompilation, since wasmtime compares the settings themselves.
fn fingerprint(engine: &wasmtime::Engine) -> u64 {
    let mut hasher = DefaultHasher::new();
    engine.precompile_compatibility_hash().hash(&mut hasher);
    hasher.finish()
}
