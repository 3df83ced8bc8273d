//! What it takes to have it: memory when idle, and the size of the program.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::doors::{House, Kind, Place};
use crate::rounds::in_turns;
use crate::{KINDS, medians};

/// In kilobytes.
struct Memory {
    resident: f64,
    proportional: f64,
}

pub fn compare(house: &House, rounds: usize) {
    let memory = in_turns(rounds, &KINDS, |kind| measure(house, kind));
    let print = |name, aim, [ours, theirs]: [f64; 2]| {
        println!("| {name} | {:.1} | {:.1} | {aim} |", ours * KB / MB, theirs * KB / MB);
    };
    println!("| idle, MB | Callbox | nginx | aim |\n|---|---|---|---|");
    print("resident (RSS)", "< 20", medians(&memory, |memory| memory.resident));
    print("proportional (PSS)", "", medians(&memory, |memory| memory.proportional));
    let size = |file: &Path| std::fs::metadata(file).map_or(f64::NAN, |file| file.len() as f64);
    let bench = size(Path::new(env!("CARGO_BIN_EXE_callbox"))) / MB;
    println!("| size of the program of this bench, with what a profile needs | {bench:.1} | | |");
    match released() {
        Some(file) => println!("| size of the static program | {:.1} | | < 25 |", size(&file) / MB),
        None => println!("| size of the static program | not in dist/: `make release` | | < 25 |"),
    }
}

fn measure(house: &House, kind: Kind) -> Memory {
    let room = house.room();
    let door = house.open(kind, Place::Anywhere, room.path());
    door.settle(Duration::from_secs(1));
    Memory { resident: door.resident_kb(), proportional: door.memory_kb() }
}

/// The program that is published, if it was made.
fn released() -> Option<PathBuf> {
    let dist = Path::new(env!("CARGO_MANIFEST_DIR")).join("dist");
    let files = std::fs::read_dir(dist).ok()?.filter_map(|file| Some(file.ok()?.path()));
    let is_program = |file: &PathBuf| {
        let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        name.starts_with("callbox-") && name.ends_with(std::env::consts::ARCH)
    };
    files.into_iter().find(is_program)
}

const KB: f64 = 1024.0;
const MB: f64 = 1e6;
