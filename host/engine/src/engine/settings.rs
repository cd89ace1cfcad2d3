//! wasmtime's settings. Two engines must agree on them: the one that runs plugins, and the one in
//! the compile worker, which differs only in how it would allocate instances (it makes none, and a
//! pool's reservation would not fit its address space).

use wasmtime::{Config, Engine, InstanceAllocationStrategy, PoolingAllocationConfig};

use super::Allocation;
use crate::{
    EngineError, Limits,
    admission::FEATURES,
    limits::{CORE_INSTANCES_MAX, MEMORIES_MAX, TABLE_ELEMENTS_MAX, TABLES_MAX},
};

/// The unit of linear memory.
const PAGE: u64 = 64 << 10;
/// Unmapped bytes after each memory: accesses with an offset below need no check of their own.
const GUARD: u64 = PAGE;
/// Memory of a slot that is zeroed in place instead of given back to the system.
const RESIDENT: usize = 256 << 10;

/// The engine that runs plugins.
pub(super) fn running(limits: &Limits) -> Result<(Engine, Allocation), EngineError> {
    check(limits)?;
    let mut config = common(limits);
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool(limits)));
    if let Ok(engine) = Engine::new(&config) {
        return Ok((engine, Allocation::Pooled));
    }
    let engine = compiling(limits).map_err(|error| EngineError::System(format!("{error:#}")))?;
    Ok((engine, Allocation::OnDemand))
}

/// The engine that only compiles.
pub(crate) fn compiling(limits: &Limits) -> wasmtime::Result<Engine> {
    Engine::new(&common(limits))
}

fn check(limits: &Limits) -> Result<(), EngineError> {
    let wrong = |what: &str| Err(EngineError::Limits(what.to_owned()));
    if limits.concurrent_calls == 0 {
        return wrong("no call may run, since concurrent_calls is 0");
    }
    if !(PAGE..=PAGE << 16).contains(&(limits.memory_bytes as u64)) {
        return wrong("memory_bytes lies outside 64 KiB to 4 GiB");
    }
    if limits.stack_bytes > 1 << 20 {
        return wrong("stack_bytes is more than 1 MiB, which threads may not have");
    }
    Ok(())
}

fn common(limits: &Limits) -> Config {
    let mut config = Config::new();
    config
        .wasm_features(!FEATURES, false)
        .wasm_features(FEATURES, true)
        .concurrency_support(false)
        // Verdicts can be replayed, on any machine.
        .consume_fuel(true)
        .cranelift_nan_canonicalization(true)
        .max_wasm_stack(limits.stack_bytes)
        .memory_reservation((limits.memory_bytes as u64).next_multiple_of(PAGE))
        .memory_reservation_for_growth(0)
        .memory_guard_size(GUARD)
        .memory_may_move(false)
        // A trap's name is all that is told of it.
        .wasm_backtrace_max_frames(None)
        .generate_address_map(false);
    config
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
