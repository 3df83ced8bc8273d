//! From the start of the program until it says that it is ready.

use crate::doors::{House, Kind, Place};
use crate::rounds::in_turns;
use crate::{KINDS, medians};

/// Times in milliseconds.
struct Times {
    /// In an empty folder: there is nothing yet, no database, no keys.
    first: f64,
    later: f64,
}

/// Twice as many starts as rounds: they are short.
pub fn compare(house: &House, rounds: usize) {
    let times = in_turns(2 * rounds, &KINDS, |kind| measure(house, kind));
    let (first, later) =
        (medians(&times, |times| times.first), medians(&times, |times| times.later));
    println!(
        "| start to ready, {} starts, ms | Callbox | nginx | aim |\n|---|---|---|---|",
        times.len()
    );
    println!("| the first time | {:.1} | {:.1} | |", first[0], first[1]);
    println!("| later | {:.1} | {:.1} | < 100 |", later[0], later[1]);
}

fn measure(house: &House, kind: Kind) -> Times {
    let room = house.room();
    let [first, later] = [(); 2].map(|()| {
        let door = house.open(kind, Place::Anywhere, room.path());
        let ready_after = door.ready_after.as_secs_f64() * 1e3;
        door.close();
        ready_after
    });
    Times { first, later }
}
