//! The engine: wasmtime set up once, and what every plugin of a process shares.

mod permits;
mod settings;

use core::fmt;
use std::sync::Arc;

use wasmtime::{
    Store,
    component::{Component, HasSelf, InstancePre, Linker},
};

pub use self::settings::Allocation;
pub(crate) use self::settings::CodeSettings;
use self::{permits::Permits, settings::running};
use crate::{
    Cache, Call, CallError, Compilation, Compiler, EngineError, Inspection, Limits, LoadError,
    bindings::shared::{log, types::PluginError},
    compile,
    limits::{MEMORIES_MAX, TABLE_ELEMENTS_MAX, TABLES_MAX},
    sandbox::Sandbox,
};

/// What an engine is made of.
#[derive(Debug, Default)]
pub struct Setup {
    /// What each plugin may take.
    pub limits: Limits,
    /// Where plugins are compiled.
    pub compiler: Compiler,
    /// Where compiled plugins are kept; without it each load compiles.
    pub cache: Option<Cache>,
}

/// Runs plugins. A process needs one; clones are the same engine.
#[derive(Clone)]
pub struct Engine(Arc<Shared>);

struct Shared {
    wasmtime: wasmtime::Engine,
    code: CodeSettings,
    imports: Linker<Sandbox>,
    limits: Arc<Limits>,
    compiler: Compiler,
    cache: Option<Cache>,
    allocation: Allocation,
    permits: Permits,
}

impl Engine {
    /// Sets the engine up.
    pub fn new(setup: Setup) -> Result<Self, EngineError> {
        let (wasmtime, code, allocation) = running(&setup.limits)?;
        let imports = imports(&wasmtime).map_err(|error| EngineError::System(error.to_string()))?;
        let permits = Permits::new(setup.limits.concurrent_calls);
        let Setup { limits, compiler, cache } = setup;
        let limits = Arc::new(limits);
        Ok(Self(Arc::new(Shared { wasmtime, code, imports, limits, compiler, cache, allocation, permits })))
    }

    /// What each plugin may take.
    pub fn limits(&self) -> &Limits {
        &self.0.limits
    }

    /// How instances get their memory on this machine.
    pub fn allocation(&self) -> Allocation {
        self.0.allocation
    }

    /// Makes an admitted component ready to be instantiated.
    pub(crate) fn prepare(
        &self,
        component: &[u8],
        inspection: &Inspection,
    ) -> Result<(InstancePre<Sandbox>, Compilation), LoadError> {
        let Shared { wasmtime: engine, code, limits, compiler, cache, .. } = &*self.0;
        let work = compile::Work { engine, code: *code, limits, component, sha256: &inspection.sha256 };
        let (component, compilation) = work.run(compiler, cache.as_ref())?;
        self.check_size(&component)?;
        let ready = self.0.imports.instantiate_pre(&component).map_err(LoadError::does_not_fit)?;
        Ok((ready, compilation))
    }

    /// The instance limits, which wasmtime itself checks at load only for pooled allocation.
    fn check_size(&self, component: &Component) -> Result<(), LoadError> {
        let needs =
            component.resources_required().ok_or_else(|| LoadError::does_not_fit("it imports modules"))?;
        let bytes = needs.max_initial_memory_size.unwrap_or(0);
        let elements = needs.max_initial_table_size.unwrap_or(0);
        for (what, count, limit) in [
            ("memories", needs.num_memories.into(), MEMORIES_MAX.into()),
            ("tables", needs.num_tables.into(), TABLES_MAX.into()),
            ("bytes of memory to start with", bytes, self.limits().memory_bytes as u64),
            ("table entries to start with", elements, TABLE_ELEMENTS_MAX.into()),
        ] {
            if count > limit {
                return Err(LoadError::does_not_fit(format_args!(
                    "it has {count} {what}, where {limit} are allowed"
                )));
            }
        }
        Ok(())
    }

    /// Makes one call in a store of its own; `call` instantiates and calls.
    pub(crate) fn call<T>(
        &self,
        input_bytes: u64,
        call: impl FnOnce(&mut Store<Sandbox>) -> wasmtime::Result<Result<T, PluginError>>,
    ) -> Call<T> {
        let _permit = self.0.permits.wait();
        let limits = self.limits();
        let fuel =
            limits.fuel_per_input_byte.saturating_mul(input_bytes).saturating_add(limits.fuel_per_call);
        let mut store = self.store(fuel);
        let result = match call(&mut store) {
            Ok(Ok(output)) => Ok(output),
            Ok(Err(error)) => Err(CallError::Plugin(error.cleaned())),
            Err(error) => Err(CallError::from_wasmtime(&error, fuel, limits)),
        };
        let left = store.get_fuel().expect("invariant: the engine counts fuel");
        Call { result, fuel: fuel - left, log: store.data_mut().take_log() }
    }

    fn store(&self, fuel: u64) -> Store<Sandbox> {
        let sandbox = Sandbox::new(Arc::clone(&self.0.limits));
        let mut store = Store::new(&self.0.wasmtime, sandbox);
        store.limiter(|sandbox| sandbox.memory_meter());
        store.set_hostcall_fuel(self.limits().output_bytes);
        store.set_fuel(fuel).expect("invariant: the engine counts fuel");
        store
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Shared { limits, compiler, cache, allocation, .. } = &*self.0;
        f.debug_struct("Engine")
            .field("limits", limits)
            .field("compiler", compiler)
            .field("cache", cache)
            .field("allocation", allocation)
            .finish_non_exhaustive()
    }
}

/// All that plugins may import.
fn imports(engine: &wasmtime::Engine) -> wasmtime::Result<Linker<Sandbox>> {
    let mut linker = Linker::new(engine);
    log::add_to_linker::<_, HasSelf<_>>(&mut linker, |sandbox| sandbox)?;
    Ok(linker)
}
