//! `activemirror plugin`: what a component is, before it is trusted with anything.

use activemirror_engine::{Limits, inspect};
use serde_json::json;

use crate::arguments::{Arguments, PluginCommand};
use crate::failure::Failure;
use crate::output::{bytes, print_json, print_table, table};
use crate::plugins::{BUILT_IN, component};

pub(crate) fn run(arguments: &Arguments, command: &PluginCommand) -> Result<(), Failure> {
    match command {
        PluginCommand::List => list(arguments),
        PluginCommand::Inspect { plugin } => show(arguments, plugin),
    }
}

fn list(arguments: &Arguments) -> Result<(), Failure> {
    let mut rows = table(["PLUGIN", "WORLD", "SIZE", "SHA-256"]);
    for (name, component) in BUILT_IN {
        let inspection = inspect(component, &Limits::default()).map_err(Failure::input)?;
        let (world, sha256) = (inspection.world.name(), hex(&inspection.sha256));
        if arguments.json {
            let size = component.len();
            print_json(&json!({ "plugin": name, "world": world, "bytes": size, "sha256": sha256 }))?;
        }
        rows.add_row([name.to_owned(), world.to_owned(), bytes(component.len() as u64), sha256]);
    }
    if arguments.json { Ok(()) } else { Ok(print_table(&rows)?) }
}

fn show(arguments: &Arguments, plugin: &str) -> Result<(), Failure> {
    let bytes = component(plugin)?;
    let inspection = inspect(&bytes, &Limits::default())
        .map_err(|error| Failure::input(error).about(format_args!("plugin {plugin}")))?;
    let world = inspection.world.name();
    if arguments.json {
        return Ok(print_json(&json!({
            "plugin": plugin,
            "world": world,
            "bytes": bytes.len(),
            "sha256": hex(&inspection.sha256),
            "imports": inspection.imports,
            "exports": inspection.exports,
        }))?);
    }
    anstream::println!("world    {world}");
    anstream::println!("size     {}", crate::output::bytes(bytes.len() as u64));
    anstream::println!("sha-256  {}", hex(&inspection.sha256));
    anstream::println!("imports  {}", inspection.imports.join("\n         "));
    anstream::println!("exports  {}", inspection.exports.join("\n         "));
    Ok(())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
