//! The files of the store: who may read them, who may open them, and when not to.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use callbox::store::{OpenError, Store};
use rusqlite::Connection;

use crate::store::{TestStore, message, owner};

#[tokio::test]
async fn h92_files_are_for_their_owner_alone() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let data = folder.path().join("made/by/open");
    let path = data.join("callbox.db");
    let store = Store::open(&path).expect("a new database");
    owner(&store, "Anna").await;
    let mode = |path: &Path| path.metadata().expect("exists").permissions().mode() & 0o777;
    assert_eq!(mode(&data), 0o700);
    let files: Vec<_> =
        std::fs::read_dir(&data).expect("lists").map(|f| f.expect("a file")).collect();
    assert!(files.len() >= 4, "database, log, index and lock: {files:?}");
    for file in files {
        assert_eq!(mode(&file.path()), 0o600, "{file:?}");
    }
    drop(store);
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o644)).expect("changes");
    let _store = Store::open(&path).expect("an existing database");
    assert_eq!(mode(&path), 0o600, "taken back");
}

#[test]
fn a_database_is_opened_once() {
    let test = TestStore::new();
    let second = Store::open(&test.path);
    assert!(matches!(second, Err(OpenError::InUse { .. })), "{second:?}");
    let test = test.reopen();
    drop(test);
}

#[test]
fn a_newer_schema_is_refused_untouched() {
    let TestStore { store, path, _folder } = TestStore::new();
    drop(store);
    let connection = Connection::open(&path).expect("the database opens");
    connection.execute_batch("INSERT INTO migrations VALUES (999, x'00')").expect("inserts");
    drop(connection);
    let before = std::fs::read(&path).expect("reads");
    match Store::open(&path) {
        Err(OpenError::Newer { found: 999, .. }) => {}
        other => panic!("{other:?}"),
    }
    assert_eq!(std::fs::read(&path).expect("reads"), before);
}

#[test]
fn a_changed_schema_is_refused() {
    let TestStore { store, path, _folder } = TestStore::new();
    drop(store);
    let connection = Connection::open(&path).expect("the database opens");
    connection.execute_batch("UPDATE migrations SET checksum = x'00'").expect("updates");
    drop(connection);
    let opened = Store::open(&path);
    assert!(matches!(opened, Err(OpenError::Differs { number: 1, .. })), "{opened:?}");
}

#[test]
fn a_database_with_readable_messages_is_refused_with_what_to_do() {
    let TestStore { store, path, _folder } = TestStore::new();
    drop(store);
    let connection = Connection::open(&path).expect("the database opens");
    // The first migration's checksum of the version that was never released.
    let readable = "dfd98c7be8ab1d18f5cc247c95b22466b2ad7947b8dcf59f436b3bb47adc1aec";
    let update = format!("UPDATE migrations SET checksum = x'{readable}' WHERE number = 1");
    connection.execute_batch(&update).expect("updates");
    drop(connection);
    let error = Store::open(&path).expect_err("is refused");
    assert!(matches!(error, OpenError::Readable { .. }), "{error:?}");
    assert!(error.to_string().contains("kept messages readable"), "{error}");
    assert!(error.to_string().contains("begin anew"), "{error}");
}

#[test]
fn what_is_no_database_is_refused_with_its_path() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("callbox.db");
    std::fs::write(&path, "not a database, but long enough to look at".repeat(100))
        .expect("writes");
    let error = Store::open(&path).expect_err("is refused");
    assert!(error.to_string().contains("callbox.db"), "{error}");
    assert!(std::error::Error::source(&error).is_some(), "{error:?}");
}

#[tokio::test]
async fn the_log_keeps_its_size() {
    let test = TestStore::new();
    let anna = owner(&test.store, "Anna").await;
    let log = test.path.with_extension("db-wal");
    let (large, mut largest) = ("x".repeat(8_000), 0);
    for _ in 0..40 {
        let writes: Vec<_> =
            (0..256).map(|_| test.store.append(message(&anna, anna.everyone, &large))).collect();
        for write in writes {
            crate::store::done(write).await;
        }
        let size = log.metadata().expect("a log").len();
        assert!(size >= largest, "the log shrank from {largest} to {size}");
        largest = size;
    }
    assert!(largest < 64 << 20, "the log is never taken in: {largest}");
    let test = test.reopen();
    assert_eq!(log.metadata().expect("a log").len(), largest, "not even when closed");
    drop(test);
}
