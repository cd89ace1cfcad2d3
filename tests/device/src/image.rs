//! The device's programs, as files.

use std::path::PathBuf;
use std::{env, fs};

use anyhow::{Context as _, ensure};
use object::{Object as _, ObjectSection as _, SectionFlags, SectionKind};

/// Names the robot's program; the others lie beside it.
const VARIABLE: &str = "ACTIVEMIRROR_FIRMWARE_ELF";

/// What makes the programs.
const BUILD: &str = "cargo build --profile firmware --target thumbv7em-none-eabihf \
                     -p activemirror-firmware -p activemirror-device-vectors";

/// Bytes that a program takes before it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Of flash: vectors, code, constants, initial values.
    pub flash: u64,
    /// Of RAM: static variables. The stack comes on top; there is no heap.
    pub ram: u64,
}

/// The file of the program with this name.
pub fn find(name: &str) -> anyhow::Result<PathBuf> {
    let folder = match env::var_os(VARIABLE) {
        Some(robot) => PathBuf::from(robot).parent().context("the robot's program lies in no folder")?.into(),
        None => default_folder()?,
    };
    let image = folder.join(name);
    ensure!(image.is_file(), "{} is not there; build it first:\n  {BUILD}", image.display());
    Ok(image)
}

/// How much the program with this name takes.
pub fn size(name: &str) -> anyhow::Result<Size> {
    let bytes = fs::read(find(name)?)?;
    let file = object::File::parse(&*bytes).with_context(|| format!("{name} is no program"))?;
    let (mut code_end, mut data, mut ram) = (0, 0, 0);
    let takes = |flags, size| size > 0 && is_loaded(flags);
    for section in file.sections().filter(|section| takes(section.flags(), section.size())) {
        match section.kind() {
            SectionKind::UninitializedData => ram += section.size(),
            SectionKind::Data => data += section.size(),
            // Flash begins at 0, so its end counts the gaps between sections too.
            _ => code_end = code_end.max(section.address() + section.size()),
        }
    }
    Ok(Size { flash: code_end + data, ram: data + ram })
}

fn is_loaded(flags: SectionFlags) -> bool {
    matches!(flags, SectionFlags::Elf { sh_flags } if sh_flags & u64::from(object::elf::SHF_ALLOC) != 0)
}

/// Below cargo's target directory, in which this test lies too.
fn default_folder() -> anyhow::Result<PathBuf> {
    let test = env::current_exe()?;
    let target = test.ancestors().nth(3).context("this test lies in no target directory")?;
    Ok(target.join("thumbv7em-none-eabihf").join("firmware"))
}
