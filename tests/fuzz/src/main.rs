//! `activemirror-fuzz FOLDER` writes every target's seeds into a folder of its name, and prints the
//! names.

use std::path::PathBuf;
use std::{env, fs, io};

use activemirror_fuzz::TARGETS;

fn main() -> io::Result<()> {
    let usage = || io::Error::other("which folder are the seeds for?");
    let folder = PathBuf::from(env::args_os().nth(1).ok_or_else(usage)?);
    for target in TARGETS {
        let seeds = folder.join(target.name);
        fs::create_dir_all(&seeds)?;
        for (number, seed) in (target.seeds)().iter().enumerate() {
            fs::write(seeds.join(format!("seed-{number}")), seed)?;
        }
        println!("{}", target.name);
    }
    Ok(())
}
