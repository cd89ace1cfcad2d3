//! A folder as a cold store, and which URLs name a place.

use std::fs;
use std::sync::Arc;

use activemirror_cold::{ColdStore, Limits, Place, PlaceError};
use activemirror_store::{Cold, ColdError};

fn in_folder(folder: &std::path::Path) -> ColdStore {
    ColdStore::new(Place::parse(folder.to_str().unwrap()).unwrap(), Limits::default())
}

#[test]
fn what_was_put_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let cold = in_folder(folder.path());
    cold.put("log/a/1.pack", b"one").unwrap();
    cold.put("log/b/2.pack", b"").unwrap();
    cold.put("other/a/3.pack", b"three").unwrap();
    assert_eq!(cold.get("log/a/1.pack", 3).unwrap(), b"one");
    assert_eq!(cold.get("log/b/2.pack", 3).unwrap(), b"");
    let mut names = cold.list("log").unwrap();
    names.sort();
    assert_eq!(names, ["log/a/1.pack", "log/b/2.pack"]);
    assert_eq!(cold.list("nobody").unwrap(), [""; 0]);
    cold.delete("log/a/1.pack").unwrap();
    cold.delete("log/a/1.pack").unwrap();
    assert_eq!(cold.get("log/a/1.pack", 3), Err(ColdError::Missing));
}

#[test]
fn what_is_there_stays_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let cold = in_folder(folder.path());
    cold.put("a", b"first").unwrap();
    cold.put("a", b"second").unwrap();
    assert_eq!(cold.get("a", 10).unwrap(), b"first");
    assert_eq!(cold.list("").unwrap().len(), 1);
}

#[test]
fn what_is_larger_than_it_may_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let cold = in_folder(folder.path());
    cold.put("a", &[7; 4_096]).unwrap();
    assert_eq!(cold.get("a", 4_095), Err(ColdError::TooLarge));
    assert_eq!(cold.get("a", 4_096).unwrap().len(), 4_096);
}

#[test]
fn a_folder_that_is_not_there_is_not_made() {
    let folder = tempfile::tempdir().unwrap();
    let absent = folder.path().join("absent");
    let cold = in_folder(&absent);
    assert!(matches!(cold.put("a", b"x"), Err(ColdError::Failed(why)) if why.contains("make or mount it")));
    assert!(!absent.exists());
    fs::create_dir(&absent).unwrap();
    cold.put("a", b"x").unwrap();
    fs::rename(&absent, folder.path().join("away")).unwrap();
    assert!(matches!(cold.get("a", 1), Err(ColdError::Failed(_))), "nor while it is in use");
}

#[test]
fn many_ask_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let cold = Arc::new(in_folder(folder.path()));
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let cold = Arc::clone(&cold);
            scope.spawn(move || {
                for number in 0..5 {
                    let name = format!("log/{thread}-{number}");
                    cold.put(&name, name.as_bytes()).unwrap();
                    assert_eq!(cold.get(&name, 100).unwrap(), name.as_bytes());
                }
            });
        }
    });
    assert_eq!(cold.list("log").unwrap().len(), 40);
}

#[test]
fn urls_say_where_and_nothing_else() {
    let bucket = |bucket: &str, prefix: &str| Place::Bucket { bucket: bucket.into(), prefix: prefix.into() };
    assert_eq!(Place::parse("s3://traces"), Ok(bucket("traces", "")));
    assert_eq!(Place::parse("s3://traces/robots/7/"), Ok(bucket("traces", "robots/7")));
    assert_eq!(Place::parse("file:///srv/cold"), Ok(Place::Folder("/srv/cold".into())));
    assert_eq!(Place::parse("/srv/cold"), Ok(Place::Folder("/srv/cold".into())));
    for text in
        ["s3://id@traces", "s3://id:secret@traces", "s3://traces?secret", "s3://traces#x", "s3://traces:80"]
    {
        assert_eq!(Place::parse(text), Err(PlaceError::TooMuch), "{text}");
    }
    for text in ["cold", "../cold", "s3:///x", ""] {
        assert_eq!(Place::parse(text), Err(PlaceError::Nowhere), "{text}");
    }
    assert_eq!(Place::parse("https://traces"), Err(PlaceError::Scheme));
    assert_eq!(bucket("traces", "robots/7").to_string(), "s3://traces/robots/7");
}
