//! Running a program on the board, as QEMU models it, until it ends by itself.

use core::time::Duration;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;

use anyhow::{Context as _, bail};

use crate::image;

/// No program takes a tenth of it.
const DEADLINE: Duration = Duration::from_secs(120);

/// What a run left.
#[derive(Clone, Debug)]
pub struct Run {
    /// QEMU's exit code: the program's own verdict.
    pub code: Option<i32>,
    /// What it said through semihosting.
    pub said: String,
    /// What it sent on UART 0.
    pub sent: Vec<u8>,
}

/// Runs the program with this name. Runs at the same time need a `tag` of their own.
pub fn run(name: &str, tag: &str) -> anyhow::Result<Run> {
    let serial = Serial::new(name, tag);
    let child = start(&image::find(name)?, &serial.0)?;
    let (code, said) = finish(child)?;
    let sent = fs::read(&serial.0).unwrap_or_default();
    Ok(Run { code, said, sent })
}

/// A file for what is sent, gone afterwards.
struct Serial(PathBuf);

impl Serial {
    fn new(name: &str, tag: &str) -> Self {
        Self(std::env::temp_dir().join(format!("activemirror-{name}-{tag}-{}.serial", std::process::id())))
    }
}

impl Drop for Serial {
    fn drop(&mut self) {
        // It may never have been made; nobody misses it.
        let _ = fs::remove_file(&self.0);
    }
}

fn start(image: &Path, serial: &Path) -> anyhow::Result<Child> {
    let mut qemu = Command::new("qemu-system-arm");
    qemu.args(["-M", "mps2-an386", "-display", "none", "-monitor", "none", "-icount", "shift=0"]);
    qemu.args(["-semihosting-config", "enable=on,target=native", "-serial"]);
    qemu.arg(format!("file:{}", serial.display())).arg("-kernel").arg(image);
    qemu.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    qemu.spawn().context("qemu-system-arm does not start; on Debian, `apt install qemu-system-arm` has it")
}

/// Waits for the end of what it says, which is its own end; kills it after the deadline.
fn finish(mut child: Child) -> anyhow::Result<(Option<i32>, String)> {
    let mut stdout = child.stdout.take().context("QEMU has no output")?;
    let (sender, ended) = mpsc::channel();
    let reader = thread::spawn(move || {
        let mut said = String::new();
        let read = stdout.read_to_string(&mut said);
        // Nobody listens any more after the deadline.
        let _ = sender.send(());
        read.map(|_| said)
    });
    let in_time = ended.recv_timeout(DEADLINE).is_ok();
    if !in_time {
        child.kill()?;
    }
    let code = child.wait()?.code();
    let said = reader.join().ok().context("the reader of QEMU's output panicked")??;
    if !in_time {
        bail!("the program did not end within {} s; it said:\n{said}", DEADLINE.as_secs());
    }
    Ok((code, said))
}
