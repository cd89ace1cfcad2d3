//! What a call of a plugin brings back, and which failures of wasmtime mean what.

use std::io;

use wasmtime::{Error, PoolConcurrencyLimitError, Trap};

use crate::{CallError, Limits, Log, bindings::shared::types::PluginError, sandbox::Breach, text};

/// One call: its result, and what it took, whether it succeeded or not.
#[must_use]
#[derive(Debug, Clone, PartialEq)]
pub struct Call<T> {
    /// What it answered, checked against the contract, or why there is no answer.
    pub result: Result<T, CallError>,
    /// The fuel it used. The same call uses the same fuel on every machine.
    pub fuel: u64,
    /// What it wrote to its log.
    pub log: Log,
}

impl<T> Call<T> {
    /// What is known without asking.
    pub(crate) fn spared(output: T) -> Self {
        Self { result: Ok(output), fuel: 0, log: Log::default() }
    }

    /// Holds a successful answer against the contract.
    pub(crate) fn check<U>(self, check: impl FnOnce(T) -> Result<U, CallError>) -> Call<U> {
        Call { result: self.result.and_then(check), fuel: self.fuel, log: self.log }
    }
}

impl CallError {
    /// An answer that breaks the contract.
    pub(crate) fn bad(what: impl Into<String>) -> Self {
        Self::BadOutput { what: text::sentence(what.into()) }
    }

    pub(crate) fn from_wasmtime(error: &Error, fuel: u64, limits: &Limits) -> Self {
        if let Some(breach) = error.downcast_ref::<Breach>() {
            return match breach {
                Breach::Memory => Self::OutOfMemory { limit: limits.memory_bytes },
                Breach::HostCalls => Self::TooManyHostCalls { limit: limits.host_calls },
                Breach::HostCallBytes => Self::OutputTooLarge { limit: limits.host_call_bytes },
            };
        }
        if let Some(trap) = error.downcast_ref::<Trap>() {
            return Self::from_trap(*trap, fuel);
        }
        let what = format!("{error:#}");
        if what.contains(HOSTCALL_FUEL_EXHAUSTED) {
            Self::OutputTooLarge { limit: limits.output_bytes }
        } else if is_of_the_system(error) {
            Self::System { what: text::sentence(what) }
        } else {
            Self::bad(what)
        }
    }

    fn from_trap(trap: Trap, fuel: u64) -> Self {
        let name = trap.to_string();
        let name = name.strip_prefix("wasm trap: ").unwrap_or(&name).to_owned();
        match trap {
            Trap::OutOfFuel => Self::OutOfFuel { limit: fuel },
            Trap::StackOverflow => Self::StackOverflow,
            // What the plugin handed over is not what its types say.
            Trap::StringOutOfBounds
            | Trap::ListOutOfBounds
            | Trap::InvalidDiscriminant
            | Trap::InvalidChar
            | Trap::UnalignedPointer => Self::BadOutput { what: name },
            _ => Self::Trap { name },
        }
    }
}

impl PluginError {
    /// The same, fit to be shown.
    pub(crate) fn cleaned(self) -> Self {
        match self {
            Self::BadConfig(name) => Self::BadConfig(text::sentence(name)),
            other => other,
        }
    }
}

/// wasmtime keeps this error's type to itself; a test holds its text.
const HOSTCALL_FUEL_EXHAUSTED: &str = "fuel allocated for hostcalls has been exhausted";

fn is_of_the_system(error: &Error) -> bool {
    error.is::<io::Error>()
        || error.is::<PoolConcurrencyLimitError>()
        || error.is::<wasmtime::error::OutOfMemory>()
}
