//! The cores: every rule of chat, calls and TURN, without a runtime.
//!
//! Nothing in here knows a socket, file, thread, clock, random source,
//! setting or log. Time and randomness are arguments; thin tasks elsewhere
//! drive these cores and obey their outputs.

pub mod archive;
pub mod auth;
pub mod doctor;
pub mod e2ee;
pub mod lan;
pub mod rooms;
pub mod stun;
pub mod turn;
pub mod wire;
