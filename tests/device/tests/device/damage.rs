//! A stream that was changed is refused; one that was cut keeps its whole blocks.

use activemirror_core::log::stream::{Frame, FrameError, FrameReader};
use activemirror_device_tests::stream::{Block, Refusal, receive};

use crate::{ROBOT, received, root};

/// Positions all over the stream: every one of the first frames, then a sample.
fn positions(len: usize) -> impl Iterator<Item = usize> {
    (0..400).chain((400..len).step_by(53))
}

#[test]
fn a_changed_byte_is_refused() {
    let whole = received(&ROBOT.sent).blocks;
    let mut tried = 0;
    for at in positions(ROBOT.sent.len()) {
        for change in [0x01, 0x80, ROBOT.sent[at]] {
            tried += usize::from(change != 0);
            check_changed(&whole, at, change);
        }
    }
    println!("{tried} changed bytes, all refused");
}

/// One byte, exclusive-or `change`: the byte itself makes it a zero, which ends a frame too early.
#[track_caller]
fn check_changed(whole: &[Block], at: usize, change: u8) {
    if change == 0 {
        return;
    }
    let mut stream = ROBOT.sent.clone();
    stream[at] ^= change;
    let (received, refusal) = receive(root(), &stream);
    // The ending zero of the very last frame: what is left is a cut stream.
    let cut = refusal.is_none() && received.pending > 0 && at + 1 == stream.len();
    assert!(refusal.is_some() || cut, "byte {at} ^ {change:#04x} was accepted");
    assert_eq!(received.blocks, whole[..received.blocks.len()], "byte {at} changed a block that was kept");
}

#[test]
fn a_cut_stream_keeps_its_whole_blocks() {
    let whole = received(&ROBOT.sent).blocks;
    let ends: Vec<usize> = ends_of_frames().collect();
    let near = ends.iter().flat_map(|end| [end - 1, *end, end + 1]);
    let mut tried = 0;
    for cut in near.chain((0..ROBOT.sent.len()).step_by(211)).filter(|cut| *cut <= ROBOT.sent.len()) {
        let (received, refusal) = receive(root(), &ROBOT.sent[..cut]);
        assert_eq!(refusal, None, "cut at {cut}");
        assert_eq!(received.blocks, whole[..received.blocks.len()], "cut at {cut}");
        assert_eq!(received.blocks.len(), blocks_before(cut), "cut at {cut}");
        let boundary = cut == 0 || ends.contains(&cut);
        assert_eq!(received.pending == 0, boundary, "cut at {cut}");
        tried += 1;
    }
    println!("cut at {tried} places, every whole block kept");
}

#[test]
fn a_missing_a_repeated_and_a_swapped_block_are_refused() {
    let frames: Vec<&[u8]> = ROBOT.sent.split_inclusive(|byte| *byte == 0).collect();
    let block = (0..frames.len()).filter(|at| frames[*at].len() > 600).nth(2).expect("there are many");
    let with = |order: &[&[&[u8]]]| receive(root(), &order.concat().concat()).1;
    let (before, it, after) = (&frames[..block], frames[block], &frames[block + 1..]);
    assert_eq!(with(&[before, after]), Some(Refusal::Gap));
    assert_eq!(with(&[before, &[it, it], after]), Some(Refusal::Gap));
    assert_eq!(with(&[before, &after[..1], &[it], &after[1..]]), Some(Refusal::Gap));
    assert_eq!(with(&[&frames[1..]]), Some(Refusal::NoHello));
}

#[test]
fn a_stream_of_another_device_is_refused() {
    let mut other = root();
    other[0] ^= 1;
    assert_eq!(receive(other, &ROBOT.sent).1, Some(Refusal::OtherDevice));
}

/// Where each frame ends, its zero included.
fn ends_of_frames() -> impl Iterator<Item = usize> {
    let zeros = ROBOT.sent.iter().enumerate().filter(|(_, byte)| **byte == 0);
    zeros.map(|(at, _)| at + 1)
}

/// How many whole frames of blocks there are before `cut`.
fn blocks_before(cut: usize) -> usize {
    let mut blocks = 0;
    let read = FrameReader::new().feed(&ROBOT.sent[..cut], |frame| {
        blocks += usize::from(matches!(frame?, Frame::Block { .. }));
        Ok::<_, FrameError>(())
    });
    read.expect("the stream has no fault");
    blocks
}
