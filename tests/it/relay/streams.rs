//! TURN over streams.
