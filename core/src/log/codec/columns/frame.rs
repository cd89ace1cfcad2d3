//! One Zstandard frame around a segment's columns: with its length, without magic number and
//! checksum, which the seal around it makes needless.

use alloc::vec::Vec;

use ruzstd::decoding::{BlockDecodingStrategy, Dictionary, FrameDecoder};

use super::CodecError;
use super::dictionary::DICTIONARY;

/// What every frame begins with elsewhere.
const MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
/// The longest that can follow, up to the first block.
const HEAD: usize = 14;
/// The smallest window that Zstandard knows, so that a short frame is not refused for it.
const WINDOW: u64 = 1 << 10;
/// The bits of a frame's first byte that are not 0 where it names a dictionary.
const NAMES_DICTIONARY: u8 = 0b11;

/// What `frame` holds; no more than `room`.
pub(super) fn unpack(frame: &[u8], room: usize) -> Result<Vec<u8>, CodecError> {
    let mut head = [0; 4 + HEAD];
    head[..4].copy_from_slice(&MAGIC);
    let known = frame.len().min(HEAD);
    head[4..4 + known].copy_from_slice(&frame[..known]);
    let mut rest = &head[..4 + known];

    let mut decoder = FrameDecoder::new();
    decoder.set_max_window_size((room as u64).max(WINDOW));
    if head[4] & NAMES_DICTIONARY != 0 {
        let dictionary = Dictionary::decode_dict(DICTIONARY).map_err(|_| CodecError::Damaged)?;
        decoder.add_dict(dictionary).map_err(|_| CodecError::Damaged)?;
    }
    decoder.init(&mut rest).map_err(|_| CodecError::Damaged)?;
    let mut blocks = &frame[known - rest.len()..];

    // The frame says how long it is, and its blocks hold it to that: each brings 128 KiB at most.
    let len = usize::try_from(decoder.content_size()).map_err(|_| CodecError::TooLarge)?;
    if len > room {
        return Err(CodecError::TooLarge);
    }
    let mut plain = Vec::with_capacity(len);
    while !decoder.is_finished() {
        decoder
            .decode_blocks(&mut blocks, BlockDecodingStrategy::UptoBlocks(1))
            .map_err(|_| CodecError::Damaged)?;
        plain.extend(decoder.collect().unwrap_or_default());
        if plain.len() + decoder.can_collect() > len {
            return Err(CodecError::TooLarge);
        }
    }
    if plain.len() == len && blocks.is_empty() { Ok(plain) } else { Err(CodecError::Damaged) }
}

#[cfg(feature = "zstd")]
mod write {
    use alloc::vec::Vec;

    use zstd_safe::zstd_sys::ZSTD_EndDirective;
    use zstd_safe::{CCtx, CParameter, InBuffer, OutBuffer, ResetDirective, Strategy, compress_bound};

    use super::{DICTIONARY, MAGIC};

    /// How hard Zstandard tries where there is little text: numbers have nothing to be found.
    const NUMBERS: &[CParameter] = &[CParameter::CompressionLevel(1)];
    /// How hard it tries with texts: as hard as at level 5, but it looks at two places instead of
    /// eight for each match. Of the few kilobytes that one person says in a block, that costs a third
    /// less, and loses under one byte of a hundred.
    const TEXTS: &[CParameter] = &[
        CParameter::CompressionLevel(5),
        CParameter::Strategy(Strategy::ZSTD_lazy),
        CParameter::SearchLog(1),
    ];
    /// How hard it tries with what is written once and seldom read.
    const THOROUGH: &[CParameter] = &[CParameter::CompressionLevel(19)];
    /// One byte of so many has to be of a text for that.
    const TEXTS_SHARE: usize = 4;
    /// A piece of fewer bytes is not worth a block of its own, with statistics of its own.
    const PIECE: usize = 96;

    /// Bytes in a row, and where one kind of them ends and the next begins.
    #[derive(Debug, Default)]
    pub(in super::super) struct Pieces {
        pub(in super::super) bytes: Vec<u8>,
        /// How many of them are of texts.
        pub(in super::super) texts: usize,
        ends: Vec<usize>,
    }

    impl Pieces {
        /// Bytes of one kind.
        pub(in super::super) const fn whole(bytes: Vec<u8>) -> Self {
            Self { bytes, texts: 0, ends: Vec::new() }
        }

        /// What follows is of another kind.
        pub(in super::super) fn cut(&mut self) {
            self.ends.push(self.bytes.len());
        }

        /// Appends all of one kind.
        pub(in super::super) fn put(&mut self, bytes: &[u8]) {
            self.bytes.extend_from_slice(bytes);
            self.cut();
        }

        /// What gets a block of its own, before the last one.
        fn blocks(&self) -> impl Iterator<Item = &[u8]> {
            let mut begin = 0;
            self.ends.iter().filter_map(move |end| {
                let block = &self.bytes[begin..*end];
                let own = block.len() >= PIECE && *end < self.bytes.len();
                begin = if own { *end } else { begin };
                own.then_some(block)
            })
        }
    }

    /// Packs segments, one after the other.
    pub(in super::super) struct Packer {
        numbers: CCtx<'static>,
        /// Made when it is needed, for this effort.
        texts: Option<CCtx<'static>>,
        effort: &'static [CParameter],
    }

    impl core::fmt::Debug for Packer {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            f.write_str("Packer")
        }
    }

    impl Packer {
        /// `None` where there is no memory for it.
        pub(in super::super) fn new() -> Option<Self> {
            Self::with(NUMBERS, TEXTS)
        }

        /// One that takes its time.
        pub(in super::super) fn thorough() -> Option<Self> {
            Self::with(THOROUGH, THOROUGH)
        }

        fn with(numbers: &[CParameter], texts: &'static [CParameter]) -> Option<Self> {
            Some(Self { numbers: context(numbers)?, texts: None, effort: texts })
        }

        fn context(&mut self, pieces: &Pieces) -> Option<&mut CCtx<'static>> {
            if pieces.texts * TEXTS_SHARE < pieces.bytes.len() {
                return Some(&mut self.numbers);
            }
            if self.texts.is_none() {
                let mut texts = context(self.effort)?;
                texts.load_dictionary(DICTIONARY).ok()?;
                self.texts = Some(texts);
            }
            self.texts.as_mut()
        }

        /// Appends the frame around these pieces to `out`; `None` where Zstandard fails.
        pub(in super::super) fn pack(&mut self, pieces: &Pieces, out: &mut Vec<u8>) -> Option<()> {
            let start = out.len();
            let len = pieces.bytes.len();
            out.reserve(compress_bound(len) + 4 * pieces.ends.len());
            let context = self.context(pieces)?;
            context.reset(ResetDirective::SessionOnly).ok()?;
            context.set_pledged_src_size(Some(len as u64)).ok()?;
            let mut packed = OutBuffer::around_pos(out, start);
            let mut written = 0;
            for block in pieces.blocks() {
                written += block.len();
                step(context, &mut packed, block, ZSTD_EndDirective::ZSTD_e_flush)?;
            }
            step(context, &mut packed, &pieces.bytes[written..], ZSTD_EndDirective::ZSTD_e_end)?;
            out.drain(start..start + MAGIC.len());
            Some(())
        }
    }

    fn context(effort: &[CParameter]) -> Option<CCtx<'static>> {
        let mut context = CCtx::try_create()?;
        let frame = [CParameter::ContentSizeFlag(true), CParameter::ChecksumFlag(false)];
        effort
            .iter()
            .chain(&frame)
            .try_for_each(|parameter| context.set_parameter(*parameter).map(drop))
            .ok()?;
        Some(context)
    }

    fn step(
        context: &mut CCtx<'_>,
        out: &mut OutBuffer<'_, Vec<u8>>,
        block: &[u8],
        end: ZSTD_EndDirective,
    ) -> Option<()> {
        let mut block = InBuffer::around(block);
        // With room for all of it, one call is enough.
        (context.compress_stream2(out, &mut block, end).ok()? == 0).then_some(())
    }
}

#[cfg(feature = "zstd")]
pub(super) use write::{Packer, Pieces};
