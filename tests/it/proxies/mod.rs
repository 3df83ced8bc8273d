//! The server behind proxies: what they say is believed, and nobody else's word.

mod headers;
mod programs;
mod protocol;
