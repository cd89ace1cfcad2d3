//! Under which terms the dependencies come, and from where: what `.deny.toml` allows.

use cargo_metadata::Metadata;
use spdx::{Expression, LicenseReq};
use toml::{Table, Value};

/// The dependencies whose licence is not among those that `deny` (the text of `.deny.toml`)
/// allows, or that do not come from crates.io.
pub fn violations(metadata: &Metadata, deny: &str) -> Result<Vec<String>, toml::de::Error> {
    let settings = deny.parse()?;
    let (allowed, exceptions) = (allowed(&settings), exceptions(&settings));
    let foreign = metadata.packages.iter().filter(|package| package.source.is_some());
    let judge = |package: &cargo_metadata::Package| {
        let licence = package.license.as_deref().unwrap_or("no licence");
        let from = package.source.as_ref().filter(|source| !source.is_crates_io());
        let own =
            exceptions.iter().filter(|(name, _)| *name == package.name.as_str()).flat_map(|(_, own)| own);
        let allowed: Vec<&String> = allowed.iter().chain(own).collect();
        let terms = (!accepts(&allowed, licence)).then(|| format!("{}: {licence}", package.name));
        [terms, from.map(|source| format!("{}: comes from {source}", package.name))]
    };
    Ok(foreign.flat_map(judge).flatten().collect())
}

/// `licenses.allow` of cargo-deny's settings.
fn allowed(settings: &Table) -> Vec<String> {
    texts(settings.get("licenses").and_then(|table| table.get("allow")))
}

/// `licenses.exceptions`: what single packages may be under besides.
fn exceptions(settings: &Table) -> Vec<(String, Vec<String>)> {
    let list = settings.get("licenses").and_then(|table| table.get("exceptions")?.as_array());
    let exception = |exception: &Value| {
        Some((exception.get("crate")?.as_str()?.to_owned(), texts(exception.get("allow"))))
    };
    list.into_iter().flatten().filter_map(exception).collect()
}

fn texts(list: Option<&Value>) -> Vec<String> {
    let list = list.and_then(Value::as_array);
    list.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// Whether one may choose terms out of `licence` that are all allowed.
fn accepts(allowed: &[&String], licence: &str) -> bool {
    let may = |required: &LicenseReq| allowed.contains(&&required.to_string());
    // Old packages write `MIT/Apache-2.0`.
    Expression::parse_mode(licence, spdx::ParseMode::LAX).is_ok_and(|expression| expression.evaluate(may))
}
