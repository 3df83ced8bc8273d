//! Callbox: chat and calls in one box.
//!
//! The folders are the layers. A module may import only from a lower number
//! (`tests/it/tidy.rs` enforces the table of ARCHITECTURE.md):
//!
//! | layer | modules |
//! |---|---|
//! | 7 | `cli` |
//! | 6 | `boot` |
//! | 5 | `front` |
//! | 4 | `http`, `relay` |
//! | 3 | `session` |
//! | 2 | `hub` |
//! | 1 | `store`, `tls`, `net` |
//! | 0 | `config`, `telemetry`, `private_file`, `pure` |

pub mod boot;
pub mod cli;
pub mod config;
pub mod front;
pub mod http;
pub mod hub;
pub mod net;
pub mod private_file;
pub mod pure;
pub mod relay;
pub mod session;
pub mod store;
pub mod telemetry;
pub mod tls;
