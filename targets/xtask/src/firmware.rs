//! The robot on the Cortex-M4, in QEMU: `.cargo/config.toml` names it as the runner of the target.

use core::fmt;
use std::fs;

use anyhow::Context as _;
use cargo_metadata::camino::Utf8Path;
use object::elf::{SHF_ALLOC, SHF_WRITE, SHT_NOBITS};
use object::{Endianness, elf::FileHeader32, read::elf::FileHeader as _, read::elf::SectionHeader as _};

use crate::console::Step;
use crate::workspace::{DEVICE, FIRMWARE, Workspace};

/// Bytes that the linked firmware takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Size {
    /// Code, constants, and what initializes memory.
    flash: u64,
    /// What is in memory from the first instruction on; the stack comes on top.
    memory: u64,
}

/// Builds every image, runs the robot (its exit code is QEMU's), and says what each image takes.
pub(crate) fn test(workspace: &Workspace, step: &mut Step) -> anyhow::Result<String> {
    let what = ["--package", FIRMWARE, "--profile", "firmware", "--target", DEVICE];
    step.run(workspace.cargo(&[&["build"], &what[..]].concat()))?;
    step.run(workspace.cargo(&[&["run", "--quiet"], &what[..]].concat()))?;
    let package = workspace.package(FIRMWARE).context("the workspace has no firmware")?;
    let images = workspace.target.join(DEVICE).join("firmware");
    let said =
        package.binaries.iter().map(|name| size(&images.join(name)).map(|size| format!("{name} {size}")));
    Ok(said.collect::<anyhow::Result<Vec<_>>>()?.join("; "))
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} B flash, {} B static RAM", self.flash, self.memory)
    }
}

fn size(image: &Utf8Path) -> anyhow::Result<Size> {
    let bytes = fs::read(image).with_context(|| format!("cannot read {image}"))?;
    let header = FileHeader32::<Endianness>::parse(&*bytes)?;
    let endian = header.endian()?;
    let mut size = Size::default();
    for section in header.section_headers(endian, &*bytes)? {
        let (flags, bytes) = (section.sh_flags(endian), u64::from(section.sh_size(endian)));
        let has = |flag: u32| flags & flag != 0;
        if has(SHF_ALLOC) && section.sh_type(endian) != SHT_NOBITS {
            size.flash += bytes;
        }
        if has(SHF_ALLOC) && has(SHF_WRITE) {
            size.memory += bytes;
        }
    }
    Ok(size)
}
