//! How a Rust file opens, what it is called, and how long it and its functions may be.

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};

use crate::exceptions::Exception;
use crate::files::File;

/// Lines a file usually has at most.
pub const FILE_LINES: usize = 400;
/// Lines no exception may go beyond.
pub const FILE_LINES_MAX: usize = 1000;
/// Lines of a function, from `fn` to its closing brace.
pub const FUNCTION_LINES: usize = 70;

/// Names that say nothing about what is inside.
const EMPTY_NAMES: [&str; 8] =
    ["util", "utils", "helper", "helpers", "misc", "manager", "managers", "common"];

/// Attributes that let a test not count.
const EVASIONS: [&str; 2] = ["ignore", "should_panic"];

/// Crates that are named in one folder only, as they are spelled in code.
const HOMES: [(&str, &str); 8] = [
    ("wasmtime", "host/engine"),
    ("redb", "host/store"),
    ("object_store", "host/cold"),
    ("tokio", "host/cold"),
    ("rusqlite", "host/query"),
    ("sqlparser", "host/query"),
    ("parquet", "host/export"),
    ("web_sys", "targets/browser"),
];

/// What is wrong with the opening, the name or the words of one Rust file.
#[must_use]
pub fn violations(file: &File) -> Vec<String> {
    let rules = [opening(file), name(file), homes(file), evasions(file), unwraps(file)];
    rules.into_iter().flatten().map(|what| format!("{}: {what}", file.path)).collect()
}

/// Files and functions beyond their limits, and exceptions that are none.
#[must_use]
pub fn too_long(sources: &[File], files: &[Exception], functions: &[Exception]) -> Vec<String> {
    let lengths = sources.iter().map(|file| (file.path.to_string(), file.text.lines().count()));
    let mut found = judge(lengths.collect(), FILE_LINES, files);
    found.extend(judge(sources.iter().flat_map(function_lengths).collect(), FUNCTION_LINES, functions));
    let boundless = files.iter().chain(functions).filter(|exception| exception.limit > FILE_LINES_MAX);
    found.extend(
        boundless.map(|exception| format!("{}: no limit goes beyond {FILE_LINES_MAX}", exception.what)),
    );
    found
}

/// Things with lengths against the usual limit, or their own.
fn judge(lengths: Vec<(String, usize)>, usual: usize, exceptions: &[Exception]) -> Vec<String> {
    let exception = |what: &str| exceptions.iter().find(|exception| exception.what == what);
    let limit = |what: &str| exception(what).map_or(usual, |exception| exception.limit);
    let long = lengths.iter().filter(|(what, lines)| *lines > limit(what));
    let mut found: Vec<String> = long
        .map(|(what, lines)| format!("{what}: {lines} lines, and {} is the limit", limit(what)))
        .collect();
    let needed =
        |exception: &&Exception| lengths.iter().any(|(what, lines)| what == exception.what && *lines > usual);
    let stale = exceptions.iter().filter(|exception| !needed(exception));
    found.extend(stale.map(|exception| format!("{}: needs no exception", exception.what)));
    found
}

fn opening(file: &File) -> Option<String> {
    let opens = file.text.starts_with("//!");
    (!opens).then(|| "does not open with `//!`: what lives here, and why apart".to_owned())
}

fn name(file: &File) -> Option<String> {
    let mut parts = file.path.components().map(|part| part.as_str().trim_end_matches(".rs"));
    if file.path.file_name() == Some("mod.rs") {
        return Some("a module's file is named after it: `foo.rs` beside `foo/`".to_owned());
    }
    parts.find(|part| EMPTY_NAMES.contains(part)).map(|part| format!("`{part}` does not say what is inside"))
}

fn homes(file: &File) -> Option<String> {
    let elsewhere = |(_, home): &&(&str, &str)| !file.path.starts_with(home) && !free(file);
    let (name, home) = HOMES.iter().filter(elsewhere).find(|(name, _)| names(&tokens(file), name))?;
    Some(format!("`{name}` is named only in {home}"))
}

/// Tests and examples may name anything.
fn free(file: &File) -> bool {
    ["tests", "examples"].iter().any(|folder| file.path.starts_with(folder))
}

fn tokens(file: &File) -> TokenStream {
    // A file that does not parse is the compiler's to report.
    file.text.parse().unwrap_or_default()
}

/// Whether code, not a comment or a string, says `name`.
fn names(tokens: &TokenStream, name: &str) -> bool {
    tokens.clone().into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == name,
        TokenTree::Group(group) => names(&group.stream(), name),
        TokenTree::Punct(_) | TokenTree::Literal(_) => false,
    })
}

fn evasions(file: &File) -> Option<String> {
    let mut evasions = Evasions(None);
    evasions.visit_file(&syn::parse_file(&file.text).ok()?);
    evasions.0.map(|name| format!("`#[{name}]`: a test that does not count is none"))
}

struct Evasions(Option<&'static str>);

impl<'ast> Visit<'ast> for Evasions {
    fn visit_attribute(&mut self, attribute: &'ast syn::Attribute) {
        let evasion = EVASIONS.into_iter().find(|name| attribute.path().is_ident(name));
        self.0 = self.0.or(evasion);
    }
}

fn unwraps(file: &File) -> Option<String> {
    if file.path.components().any(|part| ["tests", "examples", "benches"].contains(&part.as_str())) {
        return None;
    }
    let mut unwraps = Unwraps(None);
    unwraps.visit_file(&syn::parse_file(&file.text).ok()?);
    unwraps.0.map(|line| {
        format!("line {line}: `unwrap` outside a test: return the error, or `expect` an invariant")
    })
}

/// The line of an `unwrap` outside code for tests.
struct Unwraps(Option<usize>);

impl<'ast> Visit<'ast> for Unwraps {
    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        if !for_tests(&module.attrs) {
            visit::visit_item_mod(self, module);
        }
    }

    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        if !for_tests(&function.attrs) {
            visit::visit_item_fn(self, function);
        }
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        // With arguments it is a method of our own (of wrapped keys, say).
        if call.method == "unwrap" && call.args.is_empty() {
            self.0 = self.0.or(Some(call.method.span().start().line));
        }
        visit::visit_expr_method_call(self, call);
    }
}

fn for_tests(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        syn::Meta::List(list) => list.path.is_ident("cfg") && list.tokens.to_string() == "test",
        meta => meta.path().is_ident("test"),
    })
}

fn function_lengths(file: &File) -> Vec<(String, usize)> {
    let Ok(parsed) = syn::parse_file(&file.text) else { return Vec::new() };
    let mut functions = Functions(Vec::new());
    functions.visit_file(&parsed);
    functions.0.into_iter().map(|(name, lines)| (format!("{}::{name}", file.path), lines)).collect()
}

struct Functions(Vec<(String, usize)>);

impl Functions {
    fn add(&mut self, signature: &syn::Signature, block: &syn::Block) {
        let end = block.brace_token.span.close().end();
        let lines = end.line + 1 - signature.fn_token.span.start().line;
        self.0.push((signature.ident.to_string(), lines));
    }
}

impl<'ast> Visit<'ast> for Functions {
    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        self.add(&function.sig, &function.block);
        visit::visit_item_fn(self, function);
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        self.add(&function.sig, &function.block);
        visit::visit_impl_item_fn(self, function);
    }

    fn visit_trait_item_fn(&mut self, function: &'ast syn::TraitItemFn) {
        if let Some(block) = &function.default {
            self.add(&function.sig, block);
        }
        visit::visit_trait_item_fn(self, function);
    }
}
