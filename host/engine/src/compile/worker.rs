//! Compiling in a process that can be stopped.
//!
//! The host starts its own program again (`Worker`), which ends up in [`compile_worker_main`]:
//!
//! - to the worker, on standard input: the engine's memory reservation, address space, seconds of
//!   CPU (three u64, little-endian), then the component up to the end;
//! - from the worker, on standard output: one status byte, the length of the rest (u64,
//!   little-endian), the rest: native code, or a text that says why there is none.
//!
//! An answer without its whole length counts as a crash. The worker limits itself before it
//! reads the component; the deadline is the host's, and the limit on CPU time ends a worker whose
//! host has gone. It starts with an empty environment.

use std::{
    ffi::OsString,
    io::{self, Read, Write},
    path::PathBuf,
    process::{Child, Command, ExitCode, ExitStatus, Stdio},
    sync::mpsc,
    thread,
};

use crate::{CompileLimits, LoadError, engine::CodeSettings, text};

/// How to start a compile worker: a program that calls [`compile_worker_main`] when it is given
/// these arguments. Usually the host's own program with a hidden subcommand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Worker {
    /// The program.
    pub program: PathBuf,
    /// Its arguments.
    pub args: Vec<OsString>,
}

const COMPILED: u8 = 0;
const REFUSED: u8 = 1;
const HEADER_BYTES: usize = 9;
/// How Rust's runtime begins its last words when the system refuses memory.
const OUT_OF_MEMORY: [&str; 2] = ["memory allocation of", "Cannot allocate memory"];
/// What is kept of a worker's last words.
const LAST_WORDS_BYTES: u64 = 4_096;

impl Worker {
    pub(super) fn compile(
        &self,
        component: &[u8],
        code: CodeSettings,
        limits: &CompileLimits,
    ) -> Result<Vec<u8>, LoadError> {
        let talk = self
            .start()
            .and_then(|worker| converse(worker, request(component, code, limits), limits))
            .map_err(|error| self.unusable(&error))?
            .ok_or(LoadError::CompileTimeout { limit: limits.deadline })?;
        match talk.answer() {
            Some((COMPILED, code)) => Ok(code.to_vec()),
            Some((_, text)) => Err(refusal(&String::from_utf8_lossy(text), limits)),
            None => Err(refusal(&talk.last_words(), limits)),
        }
    }

    fn unusable(&self, error: &io::Error) -> LoadError {
        LoadError::NoCompiler { program: self.program.clone(), what: error.to_string() }
    }

    fn start(&self) -> io::Result<Running> {
        Command::new(&self.program)
            .args(&self.args)
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map(Running)
    }
}

fn request(component: &[u8], code: CodeSettings, limits: &CompileLimits) -> Vec<u8> {
    let seconds = limits.deadline.as_secs().saturating_add(1);
    let mut request = Vec::with_capacity(24 + component.len());
    for number in [code.reservation, limits.address_space, seconds] {
        request.extend(number.to_le_bytes());
    }
    request.extend(component);
    request
}

/// What came back from a worker that has ended.
struct Talk {
    output: Vec<u8>,
    errors: Vec<u8>,
    ending: String,
}

impl Talk {
    fn answer(&self) -> Option<(u8, &[u8])> {
        let (header, rest) = self.output.split_at_checked(HEADER_BYTES)?;
        let (status, length) = header.split_first()?;
        let length = u64::from_le_bytes(length.try_into().ok()?);
        (length == rest.len() as u64).then_some((*status, rest))
    }

    fn last_words(&self) -> String {
        format!("{}: {}", self.ending, String::from_utf8_lossy(&self.errors))
    }
}

/// A worker that is stopped at the latest when nobody waits for it any more.
struct Running(Child);

impl Running {
    fn stop(&mut self) -> io::Result<ExitStatus> {
        // One that has ended keeps the status it ended with.
        drop(self.0.kill());
        self.0.wait()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.stop());
    }
}

/// Feeds a worker and hears it out, or stops it at the deadline. Threads serve its pipes, so that
/// neither side waits for the other; they end with it.
fn converse(mut worker: Running, request: Vec<u8>, limits: &CompileLimits) -> io::Result<Option<Talk>> {
    let (Some(mut input), Some(output), Some(errors)) =
        (worker.0.stdin.take(), worker.0.stdout.take(), worker.0.stderr.take())
    else {
        return Err(io::ErrorKind::BrokenPipe.into());
    };
    let (done, ended) = mpsc::channel();
    let size_max = limits.address_space;
    // A worker that dies early leaves the pipe broken; its output says the rest.
    thread::Builder::new().spawn(move || input.write_all(&request))?;
    let errors = thread::Builder::new().spawn(move || read(errors, LAST_WORDS_BYTES))?;
    thread::Builder::new().spawn(move || done.send(read(output, size_max)))?;
    let output = ended.recv_timeout(limits.deadline);
    // It has closed its output or it is late: either way it has nothing more to say.
    let ending = worker.stop()?.to_string();
    Ok(output.ok().map(|output| Talk { output, errors: errors.join().unwrap_or_default(), ending }))
}

fn read(from: impl Read, bytes_max: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    // What arrived before an error is judged by its length like everything else.
    drop(from.take(bytes_max).read_to_end(&mut bytes));
    bytes
}

fn refusal(text: &str, limits: &CompileLimits) -> LoadError {
    if OUT_OF_MEMORY.iter().any(|words| text.contains(words)) {
        LoadError::CompileOutOfMemory { limit: limits.address_space }
    } else {
        LoadError::not_compiled(text.trim())
    }
}

/// The compile worker: reads a component from standard input, writes native code to standard
/// output. A host's program calls it when started with the arguments of its [`Worker`].
pub fn compile_worker_main() -> ExitCode {
    let answer = work(io::stdin().lock());
    let (status, rest) = match &answer {
        Ok(code) => (COMPILED, code.as_slice()),
        Err(text) => (REFUSED, text.as_bytes()),
    };
    match write_answer(io::stdout().lock(), status, rest) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn work(mut input: impl Read) -> Result<Vec<u8>, String> {
    let mut number = || {
        let mut bytes = [0; 8];
        input.read_exact(&mut bytes).map(|()| u64::from_le_bytes(bytes)).map_err(|error| error.to_string())
    };
    let (reservation, address_space, seconds) = (number()?, number()?, number()?);
    limit_self(address_space, seconds).map_err(|error| format!("the worker cannot limit itself: {error}"))?;
    let mut component = Vec::new();
    input.read_to_end(&mut component).map_err(|error| error.to_string())?;
    CodeSettings { reservation }
        .compiling()
        .and_then(|engine| engine.precompile_component(&component))
        .map_err(|error| text::sentence(format!("{error:#}")))
}

fn write_answer(mut output: impl Write, status: u8, rest: &[u8]) -> io::Result<()> {
    output.write_all(&[status])?;
    output.write_all(&(rest.len() as u64).to_le_bytes())?;
    output.write_all(rest)?;
    output.flush()
}

#[cfg(unix)]
fn limit_self(address_space: u64, seconds: u64) -> io::Result<()> {
    use rustix::process::{Resource, Rlimit, setrlimit};
    for (resource, most) in [(Resource::As, address_space), (Resource::Cpu, seconds), (Resource::Core, 0)] {
        setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) })?;
    }
    Ok(())
}

/// Without such limits the host's deadline is what there is.
#[cfg(not(unix))]
fn limit_self(_address_space: u64, _seconds: u64) -> io::Result<()> {
    Ok(())
}
