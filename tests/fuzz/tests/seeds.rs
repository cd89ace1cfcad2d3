//! Every target on its seeds, and on whatever once broke it.

use std::fs;
use std::path::Path;

use activemirror_fuzz::TARGETS;

#[test]
fn every_target_takes_its_seeds() {
    for target in TARGETS {
        let seeds = (target.seeds)();
        assert!(!seeds.is_empty(), "{}", target.name);
        for seed in seeds {
            (target.run)(&seed);
            (target.run)(&seed[..seed.len() / 2]);
        }
    }
}

#[test]
fn no_finding_comes_back() {
    let findings = Path::new(env!("CARGO_MANIFEST_DIR")).join("findings");
    for target in TARGETS {
        let Ok(files) = fs::read_dir(findings.join(target.name)) else { continue };
        for file in files {
            (target.run)(&fs::read(file.unwrap().path()).unwrap());
        }
    }
}

/// The manifest of the driver must name each target, or `cargo fuzz list` would not.
#[test]
fn the_driver_has_every_target() {
    let driver = Path::new(env!("CARGO_MANIFEST_DIR")).join("driver");
    let manifest = fs::read_to_string(driver.join("Cargo.toml")).unwrap();
    for target in TARGETS {
        let name = target.name;
        let source = fs::read_to_string(driver.join(format!("fuzz_targets/{name}.rs"))).unwrap();
        assert!(source.contains(&format!("run(\"{name}\", bytes)")), "{source}");
        assert!(manifest.contains(&format!("name = \"{name}\"\n")), "{name}");
    }
}
