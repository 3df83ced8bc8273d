//! The only place that builds the parts and joins them, and takes them apart
//! again in the right order.
//!
//! Up: data directory, store, hub and relay, HTTP, front. What can fail for a
//! reason outside (a port in use, a directory) is tried first. Down: not
//! ready any more, doors closed, sockets told to come back, store flushed;
//! the relay last, because calls go on without the rest.

mod activation;
mod data;
mod lan;
mod links;
mod notify;
mod ready;
mod relay;
mod relay_keys;
mod reload;
mod restore;
mod server;

pub use data::DataDirectory;
pub use notify::Notifier;
pub use ready::Ready;
pub use relay_keys::RelayKeys;
pub use restore::{Restored, restore};
pub use server::Server;
