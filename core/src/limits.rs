//! Every size that the formats fix, each with its reason.
//!
//! A reader refuses what exceeds them, so a hostile file cannot make it allocate more; a writer
//! keeps well below.

/// Records in one block: `u16` rows address it, and 4,096 are what a host writes at most.
pub const BLOCK_RECORDS_MAX: u32 = 65_535;

/// Bytes of one stored block. A trace is committed whole, so a block must hold one big record.
pub const BLOCK_BYTES_MAX: usize = 64 << 20;

/// Records in the block that a host writes: as many as are opened at once to find one of them.
pub const BLOCK_RECORDS_TARGET: u32 = 4_096;

/// Stored bytes that a writer aims at: redb gives a value a power-of-two run of pages, so a block
/// stays just under 32 or 64 KiB where its records allow.
pub const BLOCK_BYTES_TARGETS: [usize; 2] = [32_000, 64_000];

/// Bytes that a block's segments may unpack to, all of them together. LZ4 reaches 255:1, and a block
/// has up to 256 segments, so a limit for each would still let a small block fill the memory. A
/// writer puts in [`BLOCK_BYTES_MAX`] of names, rows and bodies; the rest is room for their counts.
pub const BLOCK_PLAIN_BYTES_MAX: usize = BLOCK_BYTES_MAX + (4 << 10);

/// Names that one record may add to its block's list: trace, agent, session, action, intent.
pub const RECORD_NAMES_MAX: usize = 5;

/// Subjects in one block: a row names its subject in one byte.
pub const BLOCK_SUBJECTS_MAX: usize = 255;

/// Blocks in one pack: each has a header of its own that has to be there to open any of them.
pub const PACK_BLOCKS_MAX: usize = 1_024;

/// Records in one pack: what the columns of a segment hold.
pub const PACK_RECORDS_MAX: u32 = BLOCK_RECORDS_MAX;

/// Records that a writer puts into one pack: whoever wants one of them opens the structure of all, and
/// the more there are the less is saved by more.
pub const PACK_RECORDS_TARGET: u32 = 16_384;

/// Plaintext that a writer puts into one pack: whoever wants one record opens all that its person said
/// in there, and beyond this there is little left to be saved.
pub const PACK_BYTES_TARGET: usize = 4 << 20;

/// Bytes of one stored pack: its segments, and a leaf hash for each record.
pub const PACK_BYTES_MAX: usize = BLOCK_BYTES_MAX + 32 * PACK_RECORDS_MAX as usize;

/// Steps in a path: as deep as JSON may nest (the usual parser limit).
pub const PATH_STEPS_MAX: usize = 128;

/// Bytes of a category of a mark.
pub const CATEGORY_BYTES_MAX: usize = 32;

/// Bytes of a signed checkpoint: three lines and up to 16 signatures of 4 KiB (C2SP signed-note).
pub const CHECKPOINT_BYTES_MAX: usize = 70_000;

/// Bytes of one frame of a block stream, encoded.
pub const FRAME_BYTES_MAX: usize = BLOCK_BYTES_MAX + (1 << 20);

/// Conditions within each other in a filter. People write a handful; each level takes stack.
pub const FILTER_DEPTH_MAX: usize = 64;

/// Conditions and values in a filter: every record is held against them.
pub const FILTER_TESTS_MAX: usize = 16_384;

/// Bytes of all texts in a filter.
pub const FILTER_BYTES_MAX: usize = 1 << 20;

/// Names of one field that a block's zone tells apart: with three fields and the spans of time, what a
/// zone says of ordinary records stays below 650 bytes, a fifth of a byte for each of the records that
/// a host puts into a block.
pub const ZONE_NAMES_MAX: usize = 80;

/// Spans of time that a block's zone tells apart: those of what happens while a block is filled, of
/// an older trace or two that came in meanwhile, and of a clock that was wrong.
pub const ZONE_SPANS_MAX: usize = 4;
