//! All integration tests, as one binary.

mod accounts;
mod accounts_access;
mod accounts_links;
mod accounts_login;
mod accounts_server;
mod browser;
mod crash;
mod crash_power;
mod opaque_client;
mod relay;
mod store;
mod store_batches;
mod store_files;
mod store_properties;
mod store_refusals;
mod store_story;
mod tidy;
