//! Queries only read, and only what is there to be queried.

use activemirror_query::{Limit, Wrong};

use crate::world::{World, decision, trace};

fn world() -> World {
    World::with(&[trace("t", "2024-05-01T10:00:00.000Z", &[decision("refund", 0.5)])])
}

#[test]
fn what_writes_is_no_query() {
    let world = world();
    for sql in [
        "INSERT INTO events (trace_id) VALUES ('x')",
        "UPDATE events SET content = 'x'",
        "DELETE FROM traces",
        "REPLACE INTO traces VALUES (1)",
        "CREATE TABLE t (a)",
        "CREATE TEMP TABLE t AS SELECT * FROM events",
        "CREATE TRIGGER t AFTER INSERT ON events BEGIN SELECT 1; END",
        "DROP TABLE events",
        "ALTER TABLE events RENAME TO e",
        "WITH x AS (SELECT 1) INSERT INTO events SELECT * FROM x",
        "WITH x AS (DELETE FROM events RETURNING trace_id) SELECT * FROM x",
        "SELECT 1 INTO x",
        "ATTACH DATABASE '/tmp/x.db' AS x",
        "DETACH DATABASE main",
        "VACUUM INTO '/tmp/x.db'",
        "REINDEX",
        "ANALYZE",
        "BEGIN",
        "COMMIT",
        "SAVEPOINT x",
        "PRAGMA query_only = OFF",
        "PRAGMA temp_store_directory = '/tmp'",
        "EXPLAIN DELETE FROM events",
    ] {
        let error = world.refused(sql);
        assert!(matches!(error.wrong, Wrong::NotRead(_)), "{sql}: {error:?}");
        assert!(error.to_string().contains("reads only"), "{error}");
    }
    assert_eq!(world.value("SELECT count(*) FROM events"), 1);
}

#[test]
fn one_query_at_a_time() {
    let world = world();
    for sql in ["SELECT 1; SELECT 2", "SELECT 1; DELETE FROM events", "", " -- nothing", ";"] {
        assert!(matches!(world.refused(sql).wrong, Wrong::NotOne | Wrong::NotRead(_)), "{sql}");
    }
    assert_eq!(world.value("SELECT 1;"), 1, "one with its semicolon");
}

#[test]
fn nothing_but_the_tables_can_be_read() {
    let world = world();
    for sql in [
        "SELECT * FROM sqlite_schema",
        "SELECT * FROM sqlite_master",
        "SELECT * FROM pragma_table_info('events')",
        "SELECT * FROM pragma_database_list()",
        "SELECT * FROM dbstat",
        "SELECT * FROM temp.sqlite_master",
        "SELECT * FROM main.sqlite_schema",
        "SELECT * FROM fts5vocab",
        "SELECT * FROM sqlite_stmt",
        "SELECT 1 WHERE 1 IN sqlite_schema",
        "SELECT * FROM generate_series(1, 10)",
    ] {
        let error = world.refused(sql);
        assert!(error.is_of_the_query(), "{sql}: {error:?}");
        assert!(!error.to_string().is_empty());
    }
}

#[test]
fn functions_that_reach_out_are_refused() {
    let world = world();
    for sql in [
        "SELECT load_extension('/tmp/x.so')",
        "SELECT writefile('/tmp/x', 'y')",
        "SELECT readfile('/etc/passwd')",
        "SELECT edit('x')",
        "SELECT fts3_tokenizer('simple')",
        "SELECT sqlite_log(1, 'x')",
    ] {
        assert!(world.refused(sql).is_of_the_query(), "{sql}");
    }
}

#[test]
fn parameters_have_no_values() {
    let world = world();
    for sql in ["SELECT ?", "SELECT ?1", "SELECT :name FROM events", "SELECT @x", "SELECT $x"] {
        assert!(world.refused(sql).is_of_the_query(), "{sql}");
    }
}

#[test]
fn texts_that_are_no_sql() {
    let world = world();
    for sql in [
        "hello",
        "SELECT",
        "SELECT 'open",
        "SELECT /* open",
        "SELECT * FROM",
        "\u{0}",
        "SELECT \u{0}1",
        "((((",
    ] {
        let error = world.refused(sql);
        assert!(!matches!(error.wrong, Wrong::Store(_)), "{sql}: {error:?}");
    }
    let long = format!("SELECT '{}'", "x".repeat(100_000));
    assert!(matches!(world.refused(&long).limit(), Some(Limit::Text(_))));
}
