//! What a plugin may take, and why each number is what it is.
//!
//! Settings an embedder may change are fields of [`Limits`]; what the contract fixes, or what only
//! keeps texts readable, is a constant.

use core::time::Duration;

/// The state a host keeps for one plugin and trace, in bytes (fixed by the contract in `wit/`).
pub const STATE_BYTES_MAX: usize = 4_096;

/// A name or a control id, in characters: it stands in tables.
pub(crate) const NAME_CHARS_MAX: usize = 64;
/// A reason, summary or message, in characters: one long sentence.
pub(crate) const SENTENCE_CHARS_MAX: usize = 500;
/// A persona's system text, in characters: what a model can still follow.
pub(crate) const SYSTEM_CHARS_MAX: usize = 16_384;
/// Entries of one list of texts: traits, limits, constraints, reasons to revise.
pub(crate) const TEXTS_MAX: usize = 64;
/// Controls of one compliance pack: the largest published catalogues stay below.
pub(crate) const CONTROLS_MAX: usize = 2_048;
/// A mark's category, in bytes (fixed by the contract in `wit/`).
pub(crate) const CATEGORY_BYTES_MAX: usize = 32;

/// Memories of one plugin: language runtimes have one; a second is kept for linkers' adapters.
pub(crate) const MEMORIES_MAX: u32 = 2;
/// Tables of one plugin, each of at most [`TABLE_ELEMENTS_MAX`].
pub(crate) const TABLES_MAX: u32 = 8;
/// Entries of one table: functions whose address is taken. `CPython` has some 13,000.
pub(crate) const TABLE_ELEMENTS_MAX: u32 = 20_000;
/// Core modules, and core instances, of one plugin: a shared-library build of `CPython` has 30.
pub(crate) const CORE_INSTANCES_MAX: u32 = 64;

/// What one plugin may take. The defaults admit plugins of every language with a component
/// toolchain, a whole Python interpreter among them, and end a hostile call within a second.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// A component file, in bytes. 32 MiB: a Python plugin is 18 MB.
    pub component_bytes: usize,
    /// Functions of a component. 50,000: `CPython` has under 20,000, and 100,000 empty ones take
    /// 5 s and 600 MiB to compile.
    pub functions: usize,
    /// One function's body, in bytes. 256 KiB: the largest interpreter loops stay below, and
    /// compiling takes more than linear time.
    pub function_bytes: usize,
    /// What the compile worker may take. In-process compilation has no such limits.
    pub compile: CompileLimits,
    /// Fuel of every call. 100 million: an instruction is one, so a hostile call ends within about
    /// half a second, and a script interpreter starting up (2 million) does not notice.
    pub fuel_per_call: u64,
    /// Fuel added for each byte of the events given, so that a batch is not worse off than its
    /// events one by one. 1,000: a linear scan takes about 100.
    pub fuel_per_input_byte: u64,
    /// All memories and tables of a call together, in bytes. 64 MiB: an idle Python has 20.
    pub memory_bytes: usize,
    /// The stack of WebAssembly code, in bytes, on the stack of the thread that calls. 512 KiB:
    /// Rust's threads have 2 MiB.
    pub stack_bytes: usize,
    /// What one call may hand to the host, in bytes: its result, or one host call's arguments.
    /// 4 MiB: verdicts on 4,096 events with 30 marks each.
    pub output_bytes: usize,
    /// Host calls (`log.write`) in one call. 65,536: they cost no fuel, but 0.1 µs.
    pub host_calls: u32,
    /// Texts that these host calls may carry, all together, in bytes. 64 MiB: they are copied.
    pub host_call_bytes: usize,
    /// Log lines kept of one call; the rest is counted. 256.
    pub log_lines: usize,
    /// One log line, in characters; the rest is cut off. 1,000.
    pub log_line_chars: usize,
    /// Calls that run at the same time; more wait. 32: each holds address space for its memory.
    pub concurrent_calls: u32,
}

/// What the compile worker may take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompileLimits {
    /// Wall-clock time. 60 s: a Python plugin takes 11 s on two slow cores.
    pub deadline: Duration,
    /// Address space of the worker, in bytes. 2 GiB; enforced where the system knows such a limit
    /// (Linux, the BSDs).
    pub address_space: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            component_bytes: 32 << 20,
            functions: 50_000,
            function_bytes: 256 << 10,
            compile: CompileLimits { deadline: Duration::from_secs(60), address_space: 2 << 30 },
            fuel_per_call: 100_000_000,
            fuel_per_input_byte: 1_000,
            memory_bytes: 64 << 20,
            stack_bytes: 512 << 10,
            output_bytes: 4 << 20,
            host_calls: 65_536,
            host_call_bytes: 64 << 20,
            log_lines: 256,
            log_line_chars: 1_000,
            concurrent_calls: 32,
        }
    }
}
