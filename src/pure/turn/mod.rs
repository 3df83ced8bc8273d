//! The rules of a TURN server (RFC 8656): who may allocate, and which packet
//! goes where.
//!
//! A server is closed or open. Closed means that relayed addresses are
//! virtual. An allocation belongs to one session in one call, and its peers
//! can only be other allocations of the same call in the same [`Server`];
//! there is no socket behind a relayed address, so nothing outside can be
//! reached or reach in. Open means that the shell opens a socket for each
//! allocation, and that [`Rules`] choose the peers; but those of the same
//! server are reached without a socket, and only within a call, as if closed.
//!
//! Virtual addresses are unique within a call only. All legs of a call get an
//! address of 198.51.100.0/24 each and their allocations ports on it, so a
//! permission, which RFC 8656 grants to an IP address, is one for a leg, and
//! neither the number of allocations nor of workers is limited by 16-bit ports.
//!
//! A [`Relay`] may have several servers, its shards, which run beside each other: each has
//! the clients whose packets the system hands it. They share no table. A packet for an
//! allocation of another shard is passed on, judged here for its sender and
//! there for its receiver. Quotas and the numbers of legs are held by one
//! [`Ledger`], which is asked when an allocation is made; bandwidth that is for
//! a session or for all is drawn from a common budget, a portion at a time.
//!
//! Two lanes: relaying a packet returns its [`Route`] by value, without queue
//! or allocation of memory; answers are queued and taken with `poll_output`.
//! Nothing is remembered of a sender who has not proved to know a password.
//! Not implemented, to keep the surface small: TCP allocations, mobility,
//! EVEN-PORT, DONT-FRAGMENT, dual allocation, behaviour discovery.

mod allocate;
mod allocation;
mod authentication;
mod binding;
mod bucket;
mod budget;
mod call;
mod channel_bind;
mod client;
mod create_permission;
mod credentials;
mod hash;
mod ledger;
mod limits;
mod meter;
mod nonce;
mod opening;
mod peer;
mod refresh;
mod relay;
mod reply;
mod revocations;
mod route;
mod rules;
mod server;
mod session;
mod shard;
mod size;
mod tally;
#[cfg(test)]
mod tests;
mod throttle;

pub use allocation::AllocationId;
pub use client::{Client, Link, Now, network};
pub use credentials::Credentials;
pub use ledger::{Claim, Granted, Ledger, Refusal};
pub use limits::Limits;
pub use meter::{Flow, LegUsage, Meters, Usage};
pub use peer::{Family, Mode, Open};
pub use route::{HEAD, Route};
pub use rules::{Network, Rules};
pub use server::{DropReason, Output, Server, Setup, Verdict};
pub use shard::{Member, News, Passed, Relay};
pub use size::Size;
pub use tally::{Failure, Tally};
