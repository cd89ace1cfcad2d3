//! What an integrator flashes: sessions, traces, sealed content, signed checkpoints. No report, no
//! text formatting beyond the checkpoint's; a panic ends the run.

#![no_std]
#![no_main]

use core::panic::PanicInfo;

use activemirror_firmware::board::{self, console, uart::Uart};
use activemirror_firmware::journal::Journal;
use activemirror_firmware::life::{Then, live};
use activemirror_firmware::notary::Signing;
use activemirror_firmware::recorder::{Recorder, Room};
use cortex_m_rt::entry;
use static_cell::{ConstStaticCell, StaticCell};

/// This program's recorder.
type Robot = Recorder<'static, Uart, &'static mut Signing>;

static ROOM: ConstStaticCell<Room> = ConstStaticCell::new(Room::new());
static NOTARY: StaticCell<Signing> = StaticCell::new();
static RECORDER: StaticCell<Robot> = StaticCell::new();

#[entry]
fn main() -> ! {
    let journal = Journal::read();
    let Some(recorder) = start(&journal) else { console::fail() };
    match live(recorder, &journal) {
        Ok(Then::Restart) => board::restart(),
        Ok(Then::Rest) => console::succeed(),
        Ok(Then::Halt) | Err(_) => console::fail(),
    }
}

/// Apart from `main`, so that what it needs of the stack is free again afterwards.
#[inline(never)]
fn start(journal: &Journal) -> Option<&'static mut Robot> {
    let notary = Signing::resume(&NOTARY, journal)?;
    Some(RECORDER.init_with(|| Recorder::new(ROOM.take(), journal, notary, Uart::new())))
}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    console::fail()
}
