//! The robot's firmware: core's recorder on a Cortex-M4 with no heap at all.
//!
//! ```text
//!  world ──senses──► mission ──records──► recorder ──blocks, checkpoints──► line (UART)
//!  (simulated)       (decides)            (core)                            └► `import --format blocks`
//! ```
//!
//! [`board`] is all that knows the machine. [`enrolment`] is what a host gave the device before it
//! was flashed; [`journal`] is what the device itself carries over a restart.

#![no_std]
// Registers, linker symbols and the painted stack are the machine's edge; `board` alone reaches it.
#![deny(unsafe_code)]

pub mod board;
pub mod enrolment;
pub mod journal;
pub mod life;
pub mod mission;
pub mod notary;
pub mod pilot;
pub mod recorder;
pub mod world;
