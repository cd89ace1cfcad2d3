//! The numbers that stand for plugins in each own log: a notice introduces each, before its first
//! verdict.

use std::collections::HashMap;

use activemirror_core::log::LogId;
use activemirror_core::log::reader::EntryBody;
use activemirror_core::trace::{Body, Notice, SubjectRef};
use activemirror_store::Store;

use crate::error::Error;
use crate::plan::RUNTIME_TRACE;
use crate::plugins::{Identity, Plugins};

/// Gives each plugin the number that the log knows it by, or the next free one. Returns the numbers
/// that are new.
pub(crate) fn number_plugins(plugins: &mut Plugins, known: &mut Known) -> Vec<u16> {
    let (mut unannounced, mut next) =
        (Vec::new(), known.keys().max().map_or(1, |last| last.saturating_add(1)));
    for (identity, number) in plugins.identities() {
        let its = known.iter().find(|(_, known)| *known == identity).map(|(number, _)| *number);
        *number = its.unwrap_or(next);
        if its.is_none() {
            known.insert(next, identity.clone());
            unannounced.push(next);
            next = next.saturating_add(1);
        }
    }
    unannounced
}

/// Plugins by their numbers.
pub(crate) type Known = HashMap<u16, Identity>;

/// The plugins that each own log was told of, by this runtime. A block that cannot be read is for
/// `verify` to name.
pub(crate) fn known_plugins(store: &Store, namespace: SubjectRef) -> Result<HashMap<LogId, Known>, Error> {
    let mut known: HashMap<LogId, Known> = HashMap::new();
    let own = store.blocks_of_trace(RUNTIME_TRACE)?.into_iter().filter(|at| store.is_own(*at));
    for block in own.filter_map(|at| store.open_block(at).ok()) {
        let Ok(entries) = block.entries() else { continue };
        for entry in entries {
            let ours = entry.structure.trace == Some(RUNTIME_TRACE) && entry.structure.subject == namespace;
            if let EntryBody::Open(Body::Notice(notice)) = entry.body
                && ours
            {
                known.entry(block.header().log).or_default().extend(identity(&notice));
            }
        }
    }
    Ok(known)
}

fn identity(notice: &Notice<'_>) -> Option<(u16, Identity)> {
    let Notice::Plugin { number, world, name, version, sha256, config } = *notice else { return None };
    let world = ["persona", "policy", "compliance"].into_iter().find(|known| *known == world)?;
    Some((number, Identity { world, name: name.to_owned(), version: version.to_owned(), sha256, config }))
}
