//! The command as its users meet it: what it prints, and the status it ends with.

#[path = "cli/bad_input.rs"]
mod bad_input;
#[path = "cli/device.rs"]
mod device;
#[path = "cli/duckdb.rs"]
mod duckdb;
#[path = "cli/export.rs"]
mod export;
#[path = "cli/failing.rs"]
mod failing;
#[path = "cli/hostile_export.rs"]
mod hostile_export;
#[path = "cli/keys.rs"]
mod keys;
#[path = "cli/main_job.rs"]
mod main_job;
#[path = "cli/masks.rs"]
mod masks;
#[path = "cli/place.rs"]
mod place;
#[path = "cli/plugins.rs"]
mod plugins;
#[path = "cli/query.rs"]
mod query;
#[path = "cli/real_runs.rs"]
mod real_runs;
#[path = "cli/repair.rs"]
mod repair;
#[path = "cli/restore.rs"]
mod restore;
#[path = "cli/retention.rs"]
mod retention;
#[path = "cli/retention_s3.rs"]
mod retention_s3;
#[path = "cli/sessions.rs"]
mod sessions;
