//! Behaviour through the public API: one binary, one module per subject.

mod core_bytes;
mod core_checkpoint;
mod core_columns;
mod core_draft;
mod core_filter;
mod core_forged_blocks;
mod core_pack;
mod core_pack_damaged;
mod core_seal;
mod core_tree;
mod core_zone;
mod find;
mod format_bad_input;
mod format_json;
mod format_mirrordna;
mod format_mirrordna_write;
mod format_mutations;
mod format_source;
mod format_tau_bench;
mod governed;
mod recording_together;
mod retention;
mod session_json;
mod session_records;
mod session_reflection;
mod watching;
