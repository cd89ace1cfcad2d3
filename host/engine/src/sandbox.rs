//! What one call of a plugin runs in: its meters, and the one import it may have.
//!
//! Invariant: nothing here outlives the call but what [`Sandbox::take_log`] hands out.

use core::fmt;
use std::sync::Arc;

use wasmtime::ResourceLimiter;

use crate::{
    Limits,
    bindings::shared::log,
    limits::{CORE_INSTANCES_MAX, MEMORIES_MAX, TABLES_MAX},
    text,
};

pub use crate::bindings::shared::log::Level;

/// A line a plugin wrote; control characters are escaped.
#[derive(Debug, Clone, PartialEq)]
pub struct LogLine {
    /// How much it matters.
    pub level: Level,
    /// The text.
    pub text: String,
}

/// The lines of one call.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Log {
    /// The first lines, up to the limit.
    pub lines: Vec<LogLine>,
    /// How many more there were.
    pub suppressed: u32,
}

/// A limit that the plugin ran into outside of WebAssembly's own traps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Breach {
    /// Memories and tables together.
    Memory,
    /// The number of host calls.
    HostCalls,
    /// What host calls carry.
    HostCallBytes,
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Memory => "out of memory",
            Self::HostCalls => "too many host calls",
            Self::HostCallBytes => "too much text in host calls",
        })
    }
}

impl core::error::Error for Breach {}

/// The data of one call's store.
#[derive(Debug)]
pub(crate) struct Sandbox {
    limits: Arc<Limits>,
    memory: MemoryMeter,
    host_calls_left: u32,
    host_call_bytes_left: usize,
    log: Log,
}

impl Sandbox {
    pub(crate) fn new(limits: Arc<Limits>) -> Self {
        let memory = MemoryMeter { left: limits.memory_bytes, pending: 0 };
        Self {
            memory,
            host_calls_left: limits.host_calls,
            host_call_bytes_left: limits.host_call_bytes,
            log: Log::default(),
            limits,
        }
    }

    pub(crate) fn memory_meter(&mut self) -> &mut MemoryMeter {
        &mut self.memory
    }

    pub(crate) fn take_log(&mut self) -> Log {
        core::mem::take(&mut self.log)
    }

    fn count_host_call(&mut self, bytes: usize) -> Result<(), Breach> {
        self.host_calls_left = self.host_calls_left.checked_sub(1).ok_or(Breach::HostCalls)?;
        let left = self.host_call_bytes_left.checked_sub(bytes).ok_or(Breach::HostCallBytes)?;
        self.host_call_bytes_left = left;
        Ok(())
    }
}

impl log::Host for Sandbox {
    fn write(&mut self, level: Level, line: String) -> wasmtime::Result<()> {
        self.count_host_call(line.len())?;
        if self.log.lines.len() < self.limits.log_lines {
            let text = text::line(line, self.limits.log_line_chars);
            self.log.lines.push(LogLine { level, text });
        } else {
            self.log.suppressed += 1;
        }
        Ok(())
    }
}

/// What is left of a call's memory. wasmtime's own limits are per memory; this is the total.
#[derive(Debug)]
pub(crate) struct MemoryMeter {
    left: usize,
    /// The last growth granted, given back if the system then refuses it.
    pending: usize,
}

impl MemoryMeter {
    /// Growth within the declared maximum is charged; more than is left ends the call.
    fn grow(&mut self, bytes: usize) -> wasmtime::Result<bool> {
        self.left = self.left.checked_sub(bytes).ok_or(Breach::Memory)?;
        self.pending = bytes;
        Ok(true)
    }

    fn give_back(&mut self) -> wasmtime::Result<()> {
        self.left += core::mem::take(&mut self.pending);
        Ok(())
    }
}

impl ResourceLimiter for MemoryMeter {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        self.grow(desired.saturating_sub(current))
    }

    fn memory_grow_failed(&mut self, _error: wasmtime::Error) -> wasmtime::Result<()> {
        self.give_back()
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        self.grow(desired.saturating_sub(current).saturating_mul(size_of::<usize>()))
    }

    fn table_grow_failed(&mut self, _error: wasmtime::Error) -> wasmtime::Result<()> {
        self.give_back()
    }

    fn instances(&self) -> usize {
        CORE_INSTANCES_MAX as usize
    }

    fn tables(&self) -> usize {
        TABLES_MAX as usize
    }

    fn memories(&self) -> usize {
        MEMORIES_MAX as usize
    }
}
