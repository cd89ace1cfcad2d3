//! What recording costs: flash, RAM, stack, instructions.

use core::fmt;

use activemirror_core::log::block::PushError;
use activemirror_core::time::Timestamp;
use activemirror_core::trace::{Body, Content, Kind, Record, Structure};
use activemirror_core::value::{Leaf, Value};
use activemirror_firmware::board::counter::Counter;
use activemirror_firmware::board::memory::{self, Painted};
use activemirror_firmware::enrolment::DEVICE;
use activemirror_firmware::mission::AGENT;
use activemirror_firmware::recorder::CHECKPOINT_BLOCKS;

use crate::Robot;

/// Blocks that the mean is taken over; the next one would bring a checkpoint.
const BLOCKS: u32 = CHECKPOINT_BLOCKS as u32 - 1;

/// What a run took.
#[derive(Debug)]
pub(crate) struct Report {
    flash: usize,
    ram: usize,
    stack_starting: Option<usize>,
    stack_recording: Option<usize>,
    stack_signing: Option<usize>,
    records: u32,
    taking: u32,
    writing: u32,
    signing: u32,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (taking, writing) = (self.taking / self.records, self.writing / self.records);
        writeln!(f, "flash: {} bytes", self.flash)?;
        writeln!(f, "static RAM: {} bytes", self.ram)?;
        writeln!(f, "heap: 0 bytes")?;
        writeln!(f, "stack, starting: {} bytes", self.stack_starting.unwrap_or_default())?;
        writeln!(f, "stack, recording: {} bytes", self.stack_recording.unwrap_or_default())?;
        writeln!(f, "stack, signing: {} bytes", self.stack_signing.unwrap_or_default())?;
        writeln!(f, "records in a block: {}", self.records / BLOCKS)?;
        writeln!(f, "a record, taken in: {taking} instructions")?;
        writeln!(f, "a record, its share of sealing and sending: {writing} instructions")?;
        writeln!(f, "a record, in all: {} instructions", taking + writing)?;
        write!(f, "a checkpoint, signed and sent: {} instructions", self.signing)
    }
}

/// Measures on a recorder whose line is closed.
pub(crate) fn run(
    recorder: &mut Robot,
    counter: &Counter,
    stack_starting: Option<usize>,
) -> Result<Report, PushError> {
    let (mut records, mut taking, mut writing) = (0, 0, 0);
    fill_to_checkpoint(recorder, counter)?;
    let painted = Painted::below_here();
    for _ in 0..BLOCKS {
        let (count, taken) = fill_block(recorder, counter)?;
        (records, taking) = (records + count, taking + taken);
        let (written, result) = counter.count(|| recorder.write_block());
        writing += written;
        result?;
    }
    let stack_recording = painted.depth();
    let painted = Painted::below_here();
    let (signing, ()) = counter.count(|| recorder.write_checkpoint());
    Ok(Report {
        flash: memory::flash_bytes(),
        ram: memory::static_bytes(),
        stack_starting,
        stack_recording,
        stack_signing: painted.depth(),
        records,
        taking,
        writing,
        signing,
    })
}

/// Writes blocks until one has brought a checkpoint: the next ones bring none.
fn fill_to_checkpoint(recorder: &mut Robot, counter: &Counter) -> Result<(), PushError> {
    while !recorder.next().block.is_multiple_of(CHECKPOINT_BLOCKS) {
        fill_block(recorder, counter)?;
        recorder.write_block()?;
    }
    Ok(())
}

/// Four readings and an action, over and over, as in a mission; how many, and what they took.
fn fill_block(recorder: &mut Robot, counter: &Counter) -> Result<(u32, u32), PushError> {
    let (mut records, mut instructions) = (0, 0);
    while !recorder.block_is_due() {
        let (kind, action, paths) = match records % 5 {
            4 => (Kind::Action, Some("drive"), ["/parameters/left_mm_s", "/parameters/right_mm_s"]),
            _ => (Kind::Observation, None, ["/data/distance_mm", "/data/left_mm"]),
        };
        let leaves = paths.map(|path| Leaf { path, value: Value::Signed(1200) });
        let plain = Structure::new(kind, Timestamp::from_millis(i64::from(records) * 500), DEVICE.subject());
        let structure = Structure { agent: Some(AGENT), trace: Some("mission"), action, ..plain };
        let body = Body::Event(Content { leaves: leaves[..].into(), ..Content::default() });
        let (taken, pushed) = counter.count(|| recorder.push(&Record { structure, body }));
        match pushed {
            Err(PushError::Full) if records > 0 => break,
            pushed => pushed?,
        }
        (records, instructions) = (records + 1, instructions + taken);
    }
    Ok((records, instructions))
}
