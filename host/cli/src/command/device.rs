//! `activemirror device`: whose logs are accepted.

use serde_json::json;

use crate::arguments::{Arguments, DeviceCommand};
use crate::failure::Failure;
use crate::output::print_json;
use crate::place;
use crate::plugins::Governing;

pub(crate) fn run(arguments: &Arguments, command: &DeviceCommand) -> Result<(), Failure> {
    let runtime = place::open(arguments, Governing::Nothing)?;
    let logs = match command {
        DeviceCommand::Add { root_key } => vec![runtime.enrol(root_key)?],
        DeviceCommand::List => runtime.devices()?,
    };
    for log in &logs {
        match (arguments.json, command) {
            (true, _) => print_json(&json!({ "log": log.to_string() }))?,
            (false, DeviceCommand::Add { .. }) => {
                anstream::println!("enrolled: the log {log} is accepted from now on")
            }
            (false, DeviceCommand::List) => anstream::println!("{log}"),
        }
    }
    if logs.is_empty() && !arguments.json {
        anstream::println!("no devices; `activemirror device add KEY-FILE` enrols one");
    }
    Ok(())
}
