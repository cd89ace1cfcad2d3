//! Retention with a folder as the cold store: what moves, what is held, what is said, and what a broken
//! file of rules or a broken cold store leads to.

use std::fs;
use std::path::PathBuf;

use crate::place::{Place, trace};

/// A place with five traces in blocks of their own, and a folder for what is cold.
pub(crate) fn with_five_blocks() -> (Place, PathBuf) {
    let place = Place::new();
    for (number, user) in ["ann", "ben", "ann", "cleo", "dora"].iter().enumerate() {
        let line = trace(&format!("trace-{number}"), user, &format!("kettle {number} leaks"));
        let file = place.file("one.jsonl", line);
        place.good(&["--no-plugins", "import", file.to_str().unwrap()]);
    }
    let cold = place.path("cold");
    fs::create_dir(&cold).unwrap();
    (place, cold)
}

/// Blocks by tier: hot, warm, cold, gone.
pub(crate) fn tiers(place: &Place) -> [u64; 4] {
    let shown = place.json(&["retention", "show"]);
    let tiers = shown[0]["tiers"].as_array().unwrap();
    [0, 1, 2, 3].map(|tier: usize| tiers[tier]["blocks"].as_u64().unwrap())
}

fn objects(folder: &std::path::Path) -> Vec<PathBuf> {
    let mut objects = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { objects.extend(objects_in(&path)) } else { objects.push(path) }
    }
    objects
}

fn objects_in(folder: &std::path::Path) -> Vec<PathBuf> {
    objects(folder)
}

fn set_cold(place: &Place, cold: &std::path::Path) {
    place.good(&["retention", "set", "--cold", cold.to_str().unwrap(), "--cold-after", "0d"]);
}

#[test]
fn blocks_move_and_everything_stays_readable() {
    let (place, cold) = with_five_blocks();
    let before = place.good(&["export"]);
    place.good(&["retention", "set", "--warm-after", "0d"]);
    let said = place.good(&["retention", "run", "--dry-run"]);
    assert!(said.contains("would move") && said.contains("warm"), "{said}");
    assert_eq!(tiers(&place), [5, 0, 0, 0], "a dry run moves nothing");
    place.good(&["retention", "run"]);
    assert_eq!(tiers(&place), [0, 5, 0, 0]);
    assert_eq!(place.good(&["export"]), before);
    set_cold(&place, &cold);
    place.good(&["retention", "run"]);
    assert_eq!(tiers(&place)[..3], [0, 0, 5]);
    assert_eq!(objects(&cold).len(), 1);
    assert_eq!(place.good(&["export"]), before);
    assert_eq!(place.json(&["verify"])[0]["holds"], true);
    assert!(place.good(&["retention", "run"]).contains("nothing is due"));
    assert_eq!(objects(&cold).len(), 1);
}

#[test]
fn small_blocks_are_packed_by_themselves_and_nothing_looks_different() {
    let place = Place::new();
    let import = |number: usize| {
        let line = trace(&format!("trace-{number}"), "ann", &format!("kettle {number} leaks"));
        let file = place.file("one.jsonl", line);
        place.good(&["--no-plugins", "import", file.to_str().unwrap()]);
    };
    (0..15).for_each(import);
    assert_eq!(tiers(&place), [15, 0, 0, 0]);
    let commands: [&[&str]; 4] = [
        &["export", "trace-3"],
        &["show", "trace-3"],
        &["query", "SELECT trace_id, content FROM events WHERE content LIKE '%kettle 3%'"],
        &["query", "--filter", "trace_id = 'trace-3' and type = observation"],
    ];
    let before = commands.map(|command| place.good(command));
    import(15);
    assert_eq!(tiers(&place), [0, 16, 0, 0]);
    assert_eq!(commands.map(|command| place.good(command)), before);
    assert_eq!(place.json(&["verify"])[0]["holds"], true);
    assert_eq!(place.json(&["vault", "status"])[0]["blocks_in_packs"], 16);
    assert!(place.good(&["retention", "show"]).contains("packed by themselves"));
}

#[test]
fn what_is_gone_is_counted_and_said() {
    let (place, _) = with_five_blocks();
    place.good(&["retention", "set", "--gone-after", "0d"]);
    let moved = place.json(&["retention", "run"]);
    assert_eq!(moved.last().unwrap()["moved"], 5);
    assert_eq!((&moved[0]["from"], &moved[0]["to"]), (&"hot".into(), &"gone".into()));
    let report = &place.json(&["verify"])[0];
    assert_eq!((&report["holds"], &report["gone"]), (&true.into(), &5.into()));
    assert!(place.good(&["verify"]).contains("5 blocks went by retention"));
    place.bad(&["show", "trace-1"], 2, &["trace-1", "went by retention on", "after 0d"]);
    place.bad(&["show", "trace-9"], 2, &["there is no trace"]);
    let listed = place.run(&["traces"]);
    assert!(listed.err.contains("blocks 0 to 4"), "{listed:?}");
    let listed = place.run(&["--json", "traces"]);
    let said: serde_json::Value = serde_json::from_str(listed.err.trim()).unwrap();
    assert_eq!(said["left_out"]["gone"][0], "blocks 0 to 4");
    assert_eq!((listed.status, &*listed.out), (0, ""));
    let exported = place.run(&["export"]);
    assert!(exported.status == 0 && exported.err.contains("went by retention"), "{exported:?}");
    // What went does not come back by itself.
    let file = place.file("again.jsonl", trace("trace-1", "ben", "kettle 1 leaks"));
    let again = &place.json(&["--no-plugins", "import", file.to_str().unwrap()])[0];
    assert_eq!((&again["traces"], &again["known"]), (&0.into(), &1.into()));
}

#[test]
fn what_is_held_stays_until_it_is_released() {
    let (place, _) = with_five_blocks();
    place.good(&["retention", "set", "--gone-after", "0d"]);
    place.good(&["retention", "hold", "case-7", "--subject", "ann", "--reason", "a letter of 3 May"]);
    place.good(&["retention", "hold", "case-8", "--trace", "trace-3", "--reason", "an audit"]);
    place.bad(&["retention", "hold", "case-7", "--everything", "--reason", "x"], 2, &["case-7 already"]);
    place.bad(&["retention", "hold", "case-9", "--reason", "x"], 2, &["--trace", "--everything"]);
    let planned = place.json(&["retention", "run", "--dry-run"]);
    let held = planned.iter().filter(|line| line["held"] == true).count();
    assert!(held >= 3, "{planned:?}");
    place.good(&["retention", "run"]);
    for (trace, there) in [("trace-0", true), ("trace-1", false), ("trace-2", true), ("trace-3", true)] {
        assert_eq!(place.run(&["show", trace]).status == 0, there, "{trace}");
    }
    let shown = &place.json(&["retention", "show"])[0]["holds"];
    assert_eq!((&shown[0]["hold"], &shown[0]["reason"]), (&"case-7".into(), &"a letter of 3 May".into()));
    place.bad(&["vault", "erase", "--subject", "ann", "--yes"], 2, &["case-7", "release"]);
    place.bad(&["vault", "erase", "--subject", "cleo", "--yes"], 2, &["case-8"]);
    place.good(&["retention", "release", "case-7", "--reason", "settled"]);
    place.bad(&["retention", "release", "case-7", "--reason", "settled"], 2, &["no hold case-7"]);
    place.good(&["vault", "erase", "--subject", "ann", "--yes"]);
    place.good(&["retention", "run"]);
    assert_ne!(place.run(&["show", "trace-0"]).status, 0);
    assert_eq!(place.run(&["show", "trace-3"]).status, 0);
    assert_eq!(place.json(&["verify"])[0]["holds"], true);
    // The hold itself was said again before its block went.
    assert_eq!(place.json(&["retention", "show"])[0]["holds"][0]["hold"], "case-8");
}

#[test]
fn a_rule_by_size_lets_the_oldest_go() {
    let (place, _) = with_five_blocks();
    let total = place.json(&["retention", "show"])[0]["tiers"][0]["bytes"].as_u64().unwrap();
    place.good(&["retention", "set", "--gone-over", &(total / 2).to_string()]);
    place.good(&["retention", "run"]);
    let [hot, warm, cold, gone] = tiers(&place);
    assert!((2..=4).contains(&gone) && hot >= 2, "{hot} {warm} {cold} {gone}");
    assert_ne!(place.run(&["show", "trace-0"]).status, 0);
    assert_eq!(place.run(&["show", "trace-4"]).status, 0);
}

#[test]
fn a_broken_file_of_rules_moves_nothing() {
    let (place, _) = with_five_blocks();
    let rules = place.data().join("retention.toml");
    let check = |text: &str, words: &[&str]| {
        fs::write(&rules, text).unwrap();
        for command in
            [&["retention", "run"][..], &["retention", "show"], &["retention", "set", "--gone-after", "1d"]]
        {
            place.bad(command, 2, &[words, &["retention.toml"]].concat());
        }
        assert_eq!(fs::read_to_string(&rules).unwrap(), text);
        // What is here can be read all the same.
        assert_eq!(place.json(&["traces"]).len(), 5);
    };
    check("[namespace.default]\ngone = { after = \"0d\", untill = 3 }\n", &["line 2", "untill", "after"]);
    check("[namespace.other]\ngone = { after = \"0d\" }\n", &["line 1", "other", "default"]);
    check("[namespace.default]\n\ngone = { after = \"soon\" }\n", &["line 3", "soon", "90d"]);
    check("[namespace.default]\ngone = { after = \"-1d\" }\n", &["line 2", "-1d"]);
    check("[namespace.default]\ngone = { over = -1 }\n", &["line 2"]);
    check("[namespace.default]\ngone = {}\n", &["namespace.default.gone", "after", "over"]);
    check("[namespace.default]\ncold = { after = \"1d\" }\n", &["[cold]", "url"]);
    check("[cold]\nurl = \"/x\"\ntimeout-seconds = 0\n", &["timeout-seconds"]);
    check("gone now\n", &["line 1"]);
    fs::write(&rules, vec![b'#'; 100_000]).unwrap();
    place.bad(&["retention", "run"], 2, &["longer than"]);
    fs::remove_file(&rules).unwrap();
    assert_eq!(tiers(&place), [5, 0, 0, 0]);
}

#[test]
fn rules_that_are_typed_are_read_back() {
    let (place, cold) = with_five_blocks();
    let cold = format!("file://{}", cold.display());
    place.good(&[
        "retention",
        "set",
        "--warm-after",
        "36h",
        "--cold-over",
        "1000000",
        "--cold",
        &cold,
        "--timeout",
        "5",
    ]);
    place.good(&["retention", "set", "--gone-after", "1095d", "--gone-over", "2000000"]);
    let shown = &place.json(&["retention", "show"])[0];
    assert_eq!(shown["cold"], cold);
    let rule = |tier: usize| shown["tiers"][tier]["rule"].as_str().unwrap().to_owned();
    assert_eq!([rule(1), rule(2)], ["after 36h", "over 1000000 bytes"]);
    assert_eq!(rule(3), "after 1095d or over 2000000 bytes");
    place.good(&["retention", "set", "--drop", "gone"]);
    assert!(place.json(&["retention", "show"])[0]["tiers"][3]["rule"].is_null());
    for (url, word) in [
        ("ftp://somewhere", "s3://BUCKET"),
        ("s3://id:secret@bucket", "environment"),
        ("s3://bucket?key=secret", "environment"),
        ("relative/folder", "from the root"),
    ] {
        let ran = place.bad(&["retention", "set", "--cold", url], 2, &[word]);
        assert!(!ran.err.contains("secret"), "{ran:?}");
    }
}

/// All five blocks in the folder, in one object.
fn cooled() -> (Place, PathBuf, PathBuf) {
    let (place, cold) = with_five_blocks();
    set_cold(&place, &cold);
    place.good(&["retention", "run"]);
    let object = objects(&cold).pop().unwrap();
    (place, cold, object)
}

#[test]
fn a_cold_store_that_is_gone() {
    let (place, cold, _) = cooled();
    let away = cold.with_file_name("away");
    fs::rename(&cold, &away).unwrap();
    place.bad(&["show", "trace-1"], 3, &["block 1", "cold store", "make or mount it"]);
    let listed = place.run(&["traces"]);
    assert!(listed.status == 0 && listed.err.contains("blocks 0 to 4"), "{listed:?}");
    place.bad(&["verify"], 3, &["block 0", "cold store"]);
    let report = &place.run(&["--json", "verify"]).out;
    assert!(report.contains("\"holds\":true") && report.contains("\"cold\":5"), "{report}");
    assert_eq!(place.json(&["verify", "--no-keys"])[0]["holds"], true);
    assert!(!cold.exists(), "a folder that is not mounted is not made anew");
    fs::rename(&away, &cold).unwrap();
    assert_eq!(place.json(&["traces"]).len(), 5);
}

#[test]
fn a_cold_store_that_lies() {
    let (place, cold, object) = cooled();
    let right = fs::read(&object).unwrap();
    let mut flipped = right.clone();
    flipped[right.len() / 2] ^= 4;
    let (short, long) = (right[..right.len() - 1].to_vec(), [&right[..], &[0; 4096]].concat());
    let refused = ["block 2", "refused"];
    let lies = [(flipped, refused), (short, refused), (Vec::new(), refused), (long, ["block 2", "larger"])];
    for (lie, words) in lies {
        fs::write(&object, &lie).unwrap();
        place.bad(&["show", "trace-2"], 3, &words);
        assert_ne!(place.run(&["verify"]).status, 0);
    }
    fs::remove_file(&object).unwrap();
    place.bad(&["show", "trace-2"], 3, &["block 2", "not there"]);
    fs::write(&object, &right).unwrap();
    assert_eq!(place.json(&["verify"])[0]["holds"], true);
    assert_eq!(objects(&cold).len(), 1);
}

#[test]
fn somebody_is_erased_whether_or_not_the_cold_store_is_there() {
    let (place, cold, object) = cooled();
    let away = cold.with_file_name("away");
    fs::rename(&cold, &away).unwrap();
    let said = place.good(&["vault", "erase", "--subject", "ann", "--yes"]);
    assert!(said.contains("1 packs in the cold store"), "{said}");
    fs::rename(&away, &cold).unwrap();
    let check = || {
        assert!(place.good(&["show", "trace-0"]).contains("erased"));
        assert!(place.good(&["show", "trace-1", "--reveal"]).contains("kettle 1 leaks"));
        assert_eq!(place.json(&["verify"])[0]["holds"], true);
    };
    check();
    let said = place.good(&["retention", "run"]);
    assert!(said.contains("took erased people's content out of 1 packs"), "{said}");
    assert!(!object.exists());
    assert_eq!(objects(&cold).len(), 2, "the pack without what was hers, and the block that tells of it");
    check();
}

#[test]
fn plugins_keep_their_numbers_when_what_announced_them_is_gone() {
    let place = Place::new();
    let file = place.file("one.jsonl", trace("first", "ann", "my mail is ann@example.org"));
    place.good(&["import", file.to_str().unwrap()]);
    let before = &place.json(&["export", "first"])[0]["verdicts"][0]["policy"];
    place.good(&["retention", "set", "--gone-after", "0d"]);
    place.good(&["retention", "run"]);
    place.good(&["retention", "run"]);
    let file = place.file("one.jsonl", trace("second", "ann", "my mail is ann@example.org"));
    place.good(&["import", file.to_str().unwrap()]);
    assert_eq!(&place.json(&["export", "second"])[0]["verdicts"][0]["policy"], before);
    assert_eq!(place.json(&["verify"])[0]["holds"], true);
}
