//! The front door: accepts connections, limits them, looks at their first
//! bytes and hands them on as TLS, HTTP or TURN, all on one port.
//!
//! | first byte | what it is |
//! |---|---|
//! | 0x16 | TLS; for an ACME server that alone, else inside it the same question again |
//! | 0x00–0x03 | STUN or TURN over TCP (RFC 8489) |
//! | A–Z | HTTP/1.1 |
//! | 0x0D | the PROXY protocol, from proxies that are believed; after it the same question again |
//!
//! Everything has a deadline until its owner takes over. It never reads more
//! than what tells the protocols apart.

mod accept;
mod admin;
mod admission;
mod listen;
mod prefixed;
mod sniff;

pub use accept::{Front, Listeners};
pub use admin::AdminSocket;
pub use listen::{ListenError, adopt, bind};
