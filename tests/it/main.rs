//! All integration tests, as one binary.

mod crash;
mod crash_power;
mod relay;
mod store;
mod store_batches;
mod store_files;
mod store_properties;
mod store_refusals;
mod store_story;
mod tidy;
