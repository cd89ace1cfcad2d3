//! Blocks on a wire: frames that a device writes and a host reads, one way.
//!
//! A frame is postcard, COBS-encoded, ended by a zero byte; so a reader that joins late, or meets
//! a damaged frame, finds the next one. Nothing here proves anything: headers, digests, seals and
//! checkpoints do.

use cobs::{EncoderState, PushResult};
use postcard::ser_flavors::Flavor;
use serde::ser::SerializeSeq as _;
use serde::{Serialize, Serializer};

use super::block::Sealed;
use crate::buffer::{Buffer, BufferFull};
use crate::trace::SubjectRef;

/// The version that [`Frame::Hello`] announces.
pub const VERSION: u8 = 1;

/// One frame. The discriminants are the format.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "alloc", derive(serde::Deserialize))]
pub enum Frame<'a> {
    /// Whose log follows; first in every stream.
    Hello {
        /// The format's version.
        version: u8,
        /// The log's first public key.
        public_key: [u8; 32],
    },
    /// A subject's key, wrapped under the device's wrapping key; in every stream, before the first
    /// block that needs it: a host that has erased the person meanwhile kept no key, and needs it
    /// to leave their content out of a block and still prove the rest.
    Key {
        /// Whose.
        subject: SubjectRef,
        /// [`crate::vault::WRAPPED_BYTES`] bytes.
        wrapped: &'a [u8],
    },
    /// A block.
    Block {
        /// Its header's byte form.
        header: &'a [u8],
        /// Its stored form.
        stored: &'a [u8],
    },
    /// A signed checkpoint over all blocks so far.
    Checkpoint {
        /// The note.
        note: &'a str,
    },
}

/// Appends `frame` to `out` as it goes over the wire, ending zero included; or nothing.
pub fn write(frame: &Frame<'_>, out: &mut impl Buffer) -> Result<(), BufferFull> {
    let start = out.bytes().len();
    send(frame, |bytes| out.append(bytes)).inspect_err(|BufferFull| out.truncate(start))
}

/// Hands `frame` to `line` as it goes over the wire, piece by piece, ending zero included: what a
/// device without room for a frame does. After an error the line has seen a part of it.
pub fn send<E>(frame: &Frame<'_>, line: impl FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
    send_as(frame, line)
}

/// [`send`] for the frame of a block that lies in pieces.
pub fn send_block<E, B: Buffer>(
    block: &Sealed<'_, B>,
    line: impl FnMut(&[u8]) -> Result<(), E>,
) -> Result<(), E> {
    send_as(&(BLOCK, block.header().to_bytes().as_slice(), Pieces(block.pieces())), line)
}

/// The discriminant of [`Frame::Block`].
const BLOCK: u32 = 2;

/// Bytes in pieces, which postcard writes like bytes in a row.
struct Pieces<I>(I);

impl<'p, I: Iterator<Item = &'p [u8]> + Clone> Serialize for Pieces<I> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut bytes = serializer.serialize_seq(Some(self.0.clone().map(<[u8]>::len).sum()))?;
        self.0.clone().flatten().try_for_each(|byte| bytes.serialize_element(byte))?;
        bytes.end()
    }
}

/// Apart, for the stack of a device: nothing else needs room while a frame is sent.
#[inline(never)]
fn send_as<E>(frame: &impl Serialize, mut line: impl FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
    let line: &mut dyn FnMut(&[u8]) -> Result<(), E> = &mut line;
    let mut sender = Sender { line, run: [0; RUN], len: 1, cobs: EncoderState::default(), failure: None };
    let sent = postcard::serialize_with_flavor::<_, _, ()>(frame, &mut sender);
    debug_assert_eq!(sent.is_err(), sender.failure.is_some(), "only the line fails");
    sender.failure.map_or(Ok(()), Err)
}

/// Bytes of one run of COBS: its code, and up to 254 that are not zero.
const RUN: usize = 255;

/// postcard's view of a line: COBS, of which it keeps the run that has no end yet.
struct Sender<'l, E> {
    line: &'l mut dyn FnMut(&[u8]) -> Result<(), E>,
    run: [u8; RUN],
    len: usize,
    cobs: EncoderState,
    failure: Option<E>,
}

impl<E> Sender<'_, E> {
    fn keep(&mut self, byte: u8) {
        self.run[self.len] = byte;
        self.len += 1;
    }

    fn end_run(&mut self, code: u8) -> postcard::Result<()> {
        self.run[0] = code;
        let sent = (self.line)(&self.run[..self.len]);
        self.len = 1;
        self.checked(sent)
    }

    fn checked(&mut self, sent: Result<(), E>) -> postcard::Result<()> {
        sent.map_err(|failure| {
            self.failure = Some(failure);
            postcard::Error::SerializeBufferFull
        })
    }
}

impl<E> Flavor for &mut Sender<'_, E> {
    type Output = ();

    fn try_push(&mut self, byte: u8) -> postcard::Result<()> {
        match self.cobs.push(byte) {
            PushResult::AddSingle(byte) => self.keep(byte),
            PushResult::ModifyFromStartAndSkip((_, code)) => self.end_run(code)?,
            PushResult::ModifyFromStartAndPushAndSkip((_, code, byte)) => {
                self.keep(byte);
                self.end_run(code)?;
            }
        }
        Ok(())
    }

    fn finalize(self) -> postcard::Result<()> {
        let (_, code) = self.cobs.clone().finalize();
        self.end_run(code)?;
        let ended = (self.line)(&[0]);
        self.checked(ended)
    }
}

#[cfg(feature = "alloc")]
pub use reading::{FrameError, FrameReader};

#[cfg(feature = "alloc")]
mod reading {
    use alloc::vec::Vec;
    use core::fmt;

    use super::Frame;
    use crate::limits::FRAME_BYTES_MAX;

    /// Why bytes between two zeros are no frame.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum FrameError {
        /// They are longer than [`FRAME_BYTES_MAX`].
        TooLong,
        /// They are not COBS.
        Cobs,
        /// They are not the postcard form of a frame.
        Format,
    }

    impl fmt::Display for FrameError {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(match self {
                Self::TooLong => "the frame is longer than any frame may be",
                Self::Cobs => "the frame's encoding is damaged",
                Self::Format => "the frame is of no known kind",
            })
        }
    }

    impl core::error::Error for FrameError {}

    /// Cuts a byte stream into frames, however its pieces arrive.
    #[derive(Debug, Default)]
    pub struct FrameReader {
        pending: Vec<u8>,
        overlong: bool,
    }

    impl FrameReader {
        /// A reader at the beginning of a stream.
        #[must_use]
        pub const fn new() -> Self {
            Self { pending: Vec::new(), overlong: false }
        }

        /// Takes more of the stream and calls `each` with every frame that it completes.
        pub fn feed<E>(
            &mut self,
            bytes: &[u8],
            mut each: impl FnMut(Result<Frame<'_>, FrameError>) -> Result<(), E>,
        ) -> Result<(), E> {
            for piece in bytes.split_inclusive(|byte| *byte == 0) {
                self.keep(piece);
                if piece.ends_with(&[0]) {
                    self.finish(&mut each)?;
                }
            }
            Ok(())
        }

        /// How many bytes of an unfinished frame are waiting.
        #[must_use]
        pub const fn pending(&self) -> usize {
            self.pending.len()
        }

        fn keep(&mut self, piece: &[u8]) {
            self.overlong |= self.pending.len() + piece.len() > FRAME_BYTES_MAX;
            if self.overlong {
                self.pending.clear();
            } else {
                self.pending.extend_from_slice(piece);
            }
        }

        fn finish<E>(
            &mut self,
            each: &mut impl FnMut(Result<Frame<'_>, FrameError>) -> Result<(), E>,
        ) -> Result<(), E> {
            let mut encoded = core::mem::take(&mut self.pending);
            if core::mem::take(&mut self.overlong) {
                return each(Err(FrameError::TooLong));
            }
            match cobs::decode_in_place(&mut encoded) {
                Err(_) => each(Err(FrameError::Cobs)),
                Ok(len) => each(decode(&encoded[..len])),
            }
        }
    }

    fn decode(bytes: &[u8]) -> Result<Frame<'_>, FrameError> {
        match postcard::take_from_bytes(bytes) {
            Ok((frame, [])) => Ok(frame),
            _ => Err(FrameError::Format),
        }
    }
}
