//! Which package may depend on which, and where the big dependencies live (the map is in the
//! README).

use cargo_metadata::camino::{Utf8Path, Utf8PathBuf};
use cargo_metadata::{DependencyKind, Metadata};

/// A member of the workspace and what its manifest asks for.
#[derive(Clone, Debug)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// Its folder, relative to the root.
    pub folder: Utf8PathBuf,
    /// Its dependencies, of every kind and for every target.
    pub dependencies: Vec<Dependency>,
}

/// A line of a manifest.
#[derive(Clone, Debug)]
pub struct Dependency {
    /// The package's name (not what the manifest renames it to).
    pub name: String,
    /// Whether only tests, examples and benches use it.
    pub development: bool,
}

/// What packages of a folder may depend on.
struct Rule {
    folder: &'static str,
    to: &'static [&'static str],
}

/// The first rule whose folder holds the package counts.
const RULES: &[Rule] = &[
    Rule { folder: "core", to: &[] },
    Rule { folder: "guest/sdk", to: &[] },
    Rule { folder: "guest", to: &["guest/sdk"] },
    Rule { folder: "host/engine", to: &["core"] },
    Rule { folder: "host/store", to: &["core"] },
    Rule { folder: "host/cold", to: &["host/store"] },
    Rule { folder: "host/runtime", to: &["core", "host/engine", "host/store"] },
    Rule { folder: "host/query", to: &["core", "host/runtime"] },
    Rule { folder: "host/export", to: &["host/runtime"] },
    Rule { folder: "host", to: &["core", "host"] },
    Rule { folder: "targets/xtask", to: &[] },
    Rule { folder: "targets", to: &["core", "host/store"] },
    Rule { folder: "tests", to: &[""] },
    Rule { folder: "examples", to: &[""] },
];

/// Families of crates with one home.
const HOMES: &[(&str, &str)] = &[
    ("wasmtime", "host/engine"),
    ("redb", "host/store"),
    ("object_store", "host/cold"),
    ("tokio", "host/cold"),
    ("rusqlite", "host/query"),
    ("sqlparser", "host/query"),
    ("parquet", "host/export"),
    ("web-sys", "targets/browser"),
];

/// The members, as cargo describes them.
#[must_use]
pub fn packages(metadata: &Metadata) -> Vec<Package> {
    let root = &metadata.workspace_root;
    metadata.workspace_packages().into_iter().map(|package| read(root, package)).collect()
}

fn read(root: &Utf8Path, package: &cargo_metadata::Package) -> Package {
    let folder = package.manifest_path.parent().unwrap_or(root);
    let dependency = |dependency: &cargo_metadata::Dependency| Dependency {
        name: dependency.name.clone(),
        development: dependency.kind == DependencyKind::Development,
    };
    Package {
        name: package.name.to_string(),
        folder: folder.strip_prefix(root).unwrap_or(folder).to_owned(),
        dependencies: package.dependencies.iter().map(dependency).collect(),
    }
}

/// Every arrow that should not be.
#[must_use]
pub fn violations(packages: &[Package]) -> Vec<String> {
    packages.iter().flat_map(|package| wrong_arrows(package, packages)).collect()
}

fn wrong_arrows(package: &Package, packages: &[Package]) -> Vec<String> {
    let Some(rule) = RULES.iter().find(|rule| package.folder.starts_with(rule.folder)) else {
        return vec![format!("{}: no package belongs into {}", package.name, package.folder)];
    };
    let wrong = package.dependencies.iter().filter_map(|dependency| {
        let member = packages.iter().find(|member| member.name == dependency.name);
        match member {
            Some(member) if allowed(rule, member, dependency.development) => None,
            Some(member) => Some(format!("{} depends on {}", package.name, member.name)),
            None => wrong_home(package, dependency),
        }
    });
    wrong.collect()
}

/// Tests of any package but core may use what lies in `tests/`.
fn allowed(rule: &Rule, member: &Package, development: bool) -> bool {
    let for_tests = development && rule.folder != "core" && member.folder.starts_with("tests");
    for_tests || rule.to.iter().any(|folder| member.folder.starts_with(folder))
}

fn wrong_home(package: &Package, dependency: &Dependency) -> Option<String> {
    let free = package.folder.starts_with("tests") || package.folder.starts_with("examples");
    let family = |name: &str| {
        dependency.name.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
    };
    let (name, home) = HOMES.iter().find(|(name, home)| family(name) && !package.folder.starts_with(home))?;
    (!free).then(|| format!("{} depends on {}; {name} lives in {home}", package.name, dependency.name))
}
