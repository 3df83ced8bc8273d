//! What is fuzzed, apart from who does it: `cargo fuzz` for nights of exploring, and
//! `tests/it/fuzz.rs` for the gate, which replays the corpus and a number of mutations.
//!
//! A target takes any bytes, plays what they say, and panics when something is
//! not as it must be.

pub mod corpus;
pub mod model;
pub mod play;
pub mod script;
pub mod stun;
pub mod world;
