//! wasmtime's settings. Two engines must agree on them: the one that runs plugins, and the one in
//! the compile worker, which differs only in how it would allocate instances (it makes none, and a
//! pool's reservation would not fit its address space).

use wasmtime::{Config, Engine, InstanceAllocationStrategy, OperatorCost, PoolingAllocationConfig};

use crate::{
    EngineError, Limits,
    admission::FEATURES,
    limits::{CORE_INSTANCES_MAX, MEMORIES_MAX, TABLE_ELEMENTS_MAX, TABLES_MAX},
};

/// The unit of linear memory.
const PAGE: u64 = 64 << 10;
/// All that a memory can address.
const WHOLE: u64 = 4 << 30;
/// Unmapped bytes after each memory: accesses with an offset below need no check of their own.
const GUARD: u64 = PAGE;
/// Memory of a slot that is zeroed in place instead of given back to the system.
const RESIDENT: usize = 256 << 10;

/// How instances get their memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Allocation {
    /// From slots reserved at the start, each with all the address space a memory can name, so
    /// that compiled code needs no bounds checks.
    Pooled,
    /// From slots of the allowed size, since the system did not grant so much address space:
    /// compiled code checks its bounds, and loops over memory take about twice as long.
    PooledTightly,
    /// From the system each time, since it granted no slots: fresh instances take longer.
    OnDemand,
}

/// What compiled code depends on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CodeSettings {
    /// Address space of one memory.
    pub(crate) reservation: u64,
}

impl CodeSettings {
    fn new(allocation: Allocation, limits: &Limits) -> Self {
        let reservation = match allocation {
            Allocation::Pooled => WHOLE,
            Allocation::PooledTightly | Allocation::OnDemand => {
                (limits.memory_bytes as u64).next_multiple_of(PAGE)
            }
        };
        Self { reservation }
    }

    /// An engine that only compiles.
    pub(crate) fn compiling(self) -> wasmtime::Result<Engine> {
        Engine::new(&self.config())
    }

    fn config(self) -> Config {
        let mut config = Config::new();
        config
            .wasm_features(!FEATURES, false)
            .wasm_features(FEATURES, true)
            .concurrency_support(false)
            // Verdicts can be replayed, on any machine.
            .consume_fuel(true)
            .operator_cost(fuel_costs())
            .cranelift_nan_canonicalization(true)
            .memory_reservation(self.reservation)
            .memory_reservation_for_growth(0)
            .memory_guard_size(GUARD)
            .memory_may_move(false)
            // A trap's name is all that is told of it.
            .wasm_backtrace_max_frames(None)
            .generate_address_map(false);
        config
    }
}

/// What instructions cost beyond wasmtime's table (1 each, and 1 a byte or table entry that is
/// copied or filled): growing asks the host even when it grows by nothing. Fuel can only be
/// compared between engines that agree on this.
fn fuel_costs() -> OperatorCost {
    OperatorCost { MemoryGrow: 64, TableGrow: 32, ..OperatorCost::new() }
}

/// The engine that runs plugins, the fastest that this system grants.
pub(super) fn running(limits: &Limits) -> Result<(Engine, CodeSettings, Allocation), EngineError> {
    check(limits)?;
    let mut refusal = String::new();
    for allocation in [Allocation::Pooled, Allocation::PooledTightly, Allocation::OnDemand] {
        let settings = CodeSettings::new(allocation, limits);
        let mut config = settings.config();
        config.max_wasm_stack(limits.stack_bytes);
        if allocation != Allocation::OnDemand {
            config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool(limits)));
        }
        match Engine::new(&config) {
            Ok(engine) => return Ok((engine, settings, allocation)),
            Err(error) => refusal = format!("{error:#}"),
        }
    }
    Err(EngineError::System(refusal))
}

fn check(limits: &Limits) -> Result<(), EngineError> {
    let wrong = |what: &str| Err(EngineError::Limits(what.to_owned()));
    if limits.concurrent_calls == 0 {
        return wrong("no call may run, since concurrent_calls is 0");
    }
    if !(PAGE..=WHOLE).contains(&(limits.memory_bytes as u64)) {
        return wrong("memory_bytes lies outside 64 KiB to 4 GiB");
    }
    if limits.stack_bytes > 1 << 20 {
        return wrong("stack_bytes is more than 1 MiB, which threads may not have");
    }
    Ok(())
}

fn pool(limits: &Limits) -> PoolingAllocationConfig {
    let calls = limits.concurrent_calls;
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(calls)
        .total_core_instances(calls.saturating_mul(CORE_INSTANCES_MAX))
        .total_memories(calls.saturating_mul(MEMORIES_MAX))
        .total_tables(calls.saturating_mul(TABLES_MAX))
        .max_core_instances_per_component(CORE_INSTANCES_MAX)
        .max_memories_per_component(MEMORIES_MAX)
        .max_tables_per_component(TABLES_MAX)
        .max_memories_per_module(MEMORIES_MAX)
        .max_tables_per_module(TABLES_MAX)
        .max_memory_size(limits.memory_bytes)
        .table_elements(TABLE_ELEMENTS_MAX as usize)
        .linear_memory_keep_resident(RESIDENT)
        .table_keep_resident(RESIDENT)
        .max_unused_warm_slots(calls);
    pool
}
