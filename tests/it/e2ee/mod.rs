//! The formats of end-to-end encryption: the tests' own client against the server's checks.

mod envelopes;
mod grants;
mod hostile;
mod payloads;
mod properties;
mod records;
mod rules;
mod signatures;
mod vectors;
mod world;
