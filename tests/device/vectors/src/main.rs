//! The golden vectors, computed on the device: the same lines as on a host and in a browser.

#![no_std]
#![no_main]

use core::fmt::Write as _;
use core::panic::PanicInfo;

use activemirror_core::buffer::Slice;
use activemirror_firmware::board::console::{self, say};
use activemirror_vectors::{BUFFER_BYTES, BUFFERS, Vector, run};
use cortex_m_rt::entry;
use static_cell::ConstStaticCell;

/// The longest line: a name, 160 bytes in hex, and what stands between.
const LINE_BYTES: usize = 512;

static ROOMS: ConstStaticCell<[[u8; BUFFER_BYTES]; BUFFERS]> =
    ConstStaticCell::new([[0; BUFFER_BYTES]; BUFFERS]);

#[entry]
fn main() -> ! {
    let mut rooms = ROOMS.take().iter_mut();
    let mut fresh = || Slice::new(rooms.next().map_or(&mut [][..], |room| &mut room[..]));
    match run(&mut fresh, &mut print) {
        Ok(()) => console::succeed(),
        Err(error) => {
            say!("{error}");
            console::fail()
        }
    }
}

/// One call of the debugger a line, not one a byte.
fn print(vector: Vector<'_>) {
    let mut line = heapless::String::<LINE_BYTES>::new();
    match write!(line, "{vector}") {
        Ok(()) => say!("{line}"),
        Err(_) => say!("{}/{} is too long to print", vector.family, vector.name),
    }
}

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    console::fail_by(info)
}
