//! All integration tests, as one binary.

mod store;
mod store_story;
