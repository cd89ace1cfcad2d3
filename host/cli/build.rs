//! Embeds the built-in plugins: it finds the folder that `cargo xtask plugins` wrote.

use std::env;
use std::path::PathBuf;

const BUILT_IN: [&str; 4] = ["support", "pii", "confirm-writes", "gdpr"];

fn main() {
    println!("cargo::rerun-if-env-changed=ACTIVEMIRROR_PLUGINS");
    let folder = env::var_os("ACTIVEMIRROR_PLUGINS").map_or_else(default_folder, PathBuf::from);
    for name in BUILT_IN {
        let file = folder.join(name).with_extension("wasm");
        println!("cargo::rerun-if-changed={}", file.display());
        if !file.exists() {
            println!(
                "cargo::error=the built-in plugin {} is missing; run `cargo xtask plugins`",
                file.display()
            );
        }
    }
    println!("cargo::rustc-env=ACTIVEMIRROR_PLUGINS={}", folder.display());
}

/// `plugins` in the target directory, which holds the folder that cargo gave this script.
fn default_folder() -> PathBuf {
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    let target = out.ancestors().find(|folder| folder.join("CACHEDIR.TAG").exists());
    target.map_or_else(|| PathBuf::from("target/plugins"), |target| target.join("plugins"))
}
