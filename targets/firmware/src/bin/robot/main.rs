//! The robot, whole: two boots with a mission each, then what it took, printed for a person.
//!
//! Blocks, keys and checkpoints go out on UART 0, the report through semihosting. The run ends with
//! 0 when everything was recorded.

#![no_std]
#![no_main]

mod measure;
mod tap;

use core::panic::PanicInfo;

use activemirror_core::log::block::PushError;
use activemirror_firmware::board::console::{self, say};
use activemirror_firmware::board::counter::Counter;
use activemirror_firmware::board::memory::Painted;
use activemirror_firmware::board::{self, uart::Uart};
use activemirror_firmware::journal::Journal;
use activemirror_firmware::life::{Then, live};
use activemirror_firmware::notary::Signing;
use activemirror_firmware::recorder::{Recorder, Room, Written};
use cortex_m_rt::{ExceptionFrame, entry, exception};
use static_cell::{ConstStaticCell, StaticCell};
use tap::Tap;

/// This program's recorder.
type Robot = Recorder<'static, Tap<Uart>, &'static mut Signing>;

static ROOM: ConstStaticCell<Room> = ConstStaticCell::new(Room::new());
static NOTARY: StaticCell<Signing> = StaticCell::new();
static RECORDER: StaticCell<Robot> = StaticCell::new();

#[entry]
fn main() -> ! {
    let painted = Painted::below_here();
    let journal = Journal::read();
    let Some(recorder) = start(&journal) else {
        say!("the enrolment does not fit the journal: enrol the device again");
        console::fail()
    };
    let starting = painted.depth();
    match live(recorder, &journal) {
        Ok(Then::Restart) => {
            tell_boot(&journal, recorder.written());
            say!("restarting");
            board::restart()
        }
        Ok(Then::Rest) => {
            tell_boot(&journal, recorder.written());
            conclude(measure(recorder, starting))
        }
        Ok(Then::Halt) => conclude(Err("the journal does not fit its page of flash")),
        Err(_) => conclude(Err("a record did not go into an empty block")),
    }
}

/// Apart from `main`, so that what it needs of the stack is free again afterwards.
#[inline(never)]
fn start(journal: &Journal) -> Option<&'static mut Robot> {
    let notary = Signing::resume(&NOTARY, journal)?;
    Some(RECORDER.init_with(|| Recorder::new(ROOM.take(), journal, notary, Tap::open(Uart::new()))))
}

fn tell_boot(journal: &Journal, written: Written) {
    let Written { records, blocks, checkpoints, bytes } = written;
    say!(
        "boot {}: {records} records in {blocks} blocks, {checkpoints} checkpoints, {bytes} bytes",
        journal.boot
    );
}

fn measure(recorder: &mut Robot, starting: Option<usize>) -> Result<(), &'static str> {
    let timer = cortex_m::Peripherals::take().ok_or("the timer is taken")?.SYST;
    recorder.line_mut().close();
    let report = measure::run(recorder, &Counter::start(timer), starting);
    say!("{}", report.map_err(|_: PushError| "a record to be measured did not go into its block")?);
    Ok(())
}

fn conclude(result: Result<(), &str>) -> ! {
    match result {
        Ok(()) => console::succeed(),
        Err(reason) => {
            say!("{reason}");
            console::fail()
        }
    }
}

#[exception]
#[allow(unsafe_code, reason = "a handler of faults is entered by the hardware")]
unsafe fn HardFault(frame: &ExceptionFrame) -> ! {
    say!("hard fault at {:#010x}", frame.pc());
    console::fail()
}

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    console::fail_by(info)
}
