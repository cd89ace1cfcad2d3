//! Trains the dictionary of core's columns on the texts written for it.
//!
//! It replaces the shipped file, so it is for one that was never released: afterwards, blocks name
//! it.

use anyhow::{Result, anyhow};
use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt as _, SeedableRng as _};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../core/src/log/codec/columns/dictionary");
/// Bytes of the dictionary: more bring less than half a byte a turn, and browsers load it.
const SIZE: usize = 10_240;
const NUMBER: u32 = 1;
const SAMPLES: usize = 2_000;
/// Turns of a sample, at most.
const TURNS: usize = 6;

fn main() -> Result<()> {
    let turns = std::fs::read_to_string(format!("{FOLDER}/turns.txt"))?;
    let turns: Vec<&str> = turns.lines().collect();
    let mut random = Xoshiro256PlusPlus::seed_from_u64(2);
    let mut turn = || turns[random.random_range(0..turns.len())];
    let samples: Vec<String> = (1..=SAMPLES).map(|n| (0..=n % TURNS).map(|_| turn()).collect()).collect();
    let sizes: Vec<usize> = samples.iter().map(String::len).collect();
    let mut dictionary = Vec::with_capacity(SIZE);
    zstd_safe::train_from_buffer(&mut dictionary, samples.concat().as_bytes(), &sizes)
        .map_err(|code| anyhow!(zstd_safe::get_error_name(code)))?;
    // The trainer numbers at random.
    dictionary[4..8].copy_from_slice(&NUMBER.to_le_bytes());
    std::fs::write(format!("{FOLDER}/{NUMBER}.zstd-dictionary"), &dictionary)?;
    println!("{} bytes", dictionary.len());
    Ok(())
}
