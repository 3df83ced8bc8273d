//! `callbox client`: what the web client inside consists of.
//!
//! The page that encrypts comes from the server. Whoever wants to know that it is the published one
//! compares it with what somebody else built from the same sources.

use super::say;
use crate::http;

pub(super) fn run() {
    for (name, hash) in http::client_files() {
        let hash: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        say(format_args!("{hash}  {name}"));
    }
}
