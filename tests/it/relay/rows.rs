//! The table of hostile input in `docs/relay.md` names a test for each row,
//! and each of them is there.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Names of functions in all sources below a folder.
fn functions(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).expect("it is readable") {
        let path = entry.expect("it is readable").path();
        if path.is_dir() {
            functions(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).expect("source is UTF-8");
            let names = text.split("fn ").skip(1).filter_map(|rest| rest.split('(').next());
            found.extend(names.map(str::to_owned));
        }
    }
}

#[test]
fn every_row_of_hostile_input_has_a_test_that_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(root.join("docs/relay.md")).expect("there is one");
    let mut known = BTreeSet::new();
    functions(&root.join("src"), &mut known);
    functions(&root.join("tests"), &mut known);
    let mut rows = BTreeSet::new();
    for line in page.lines().filter(|line| line.starts_with("| T") && !line.starts_with("| TC")) {
        let mut cells = line.trim_matches('|').split('|').map(str::trim);
        let row = cells.next().and_then(|cell| cell[1..].parse::<u32>().ok()).expect("a number");
        let tests = cells.nth(1).expect("a cell with tests");
        let names: Vec<_> = tests.split('`').skip(1).step_by(2).collect();
        assert!(!names.is_empty(), "T{row} has no test");
        for name in names {
            assert!(known.contains(name), "T{row}: there is no {name}");
        }
        assert!(rows.insert(row), "T{row} is there twice");
    }
    assert!(rows.into_iter().eq(1..=73), "one row for each");
}
