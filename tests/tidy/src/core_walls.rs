//! What core promises at its top, and that nothing of its surroundings reaches it.

use syn::Meta;
use wasmparser::{Parser, Payload};

/// What core's first file must say.
const PROMISES: [&str; 2] = ["no_std", "forbid(unsafe_code)"];

/// Promises that the text of core's `lib.rs` does not make. One that holds only under a feature
/// (`cfg_attr`) is not made.
#[must_use]
pub fn missing_promises(text: &str) -> Vec<&'static str> {
    let attributes = syn::parse_file(text).map(|file| file.attrs).unwrap_or_default();
    let said: Vec<String> = attributes.iter().map(|attribute| spelled(&attribute.meta)).collect();
    PROMISES.into_iter().filter(|promise| said.iter().all(|said| said != promise)).collect()
}

/// `no_std`, or `forbid(unsafe_code)`.
fn spelled(meta: &Meta) -> String {
    let path = |path: &syn::Path| path.get_ident().map(ToString::to_string).unwrap_or_default();
    match meta {
        Meta::List(list) => format!("{}({})", path(&list.path), list.tokens),
        other => path(other.path()),
    }
}

/// What a core module wants of its surroundings, and what it offers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Module {
    /// As `module#name`.
    pub imports: Vec<String>,
    /// By name.
    pub exports: Vec<String>,
}

impl Module {
    /// Reads a core module.
    pub fn read(bytes: &[u8]) -> Result<Self, wasmparser::BinaryReaderError> {
        let mut module = Self::default();
        for payload in Parser::new(0).parse_all(bytes) {
            match payload? {
                Payload::ImportSection(section) => {
                    for import in section.into_imports() {
                        let import = import?;
                        module.imports.push(format!("{}#{}", import.module, import.name));
                    }
                }
                Payload::ExportSection(section) => {
                    for export in section {
                        module.exports.push(export?.name.to_owned());
                    }
                }
                _ => {}
            }
        }
        Ok(module)
    }
}
