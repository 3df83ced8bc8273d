//! Sessions against clients that do not keep to the protocol.

mod frames;
mod limits;
