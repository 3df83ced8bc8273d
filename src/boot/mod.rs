//! The only place that builds the parts and joins them, and takes them apart
//! again in the right order.
//!
//! Up: data directory, store, hub and relay, HTTP, front. What can fail for a
//! reason outside (a port in use, a directory) is tried first. Down: not
//! ready any more, doors closed, sockets told to come back, store flushed.

mod data;
mod links;
mod ready;
mod relay;
mod relay_keys;
mod server;

pub use data::DataDirectory;
pub use ready::Ready;
pub use relay_keys::RelayKeys;
pub use server::Server;
