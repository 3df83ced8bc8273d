//! All integration tests, as one binary.

// A helper of a test may stop the test, and speak, as the test itself may.
#![allow(clippy::print_stdout, clippy::unwrap_used, unreachable_pub)]

mod accounts;
mod accounts_access;
mod accounts_approvals;
mod accounts_browser;
mod accounts_cli;
mod accounts_keys;
mod accounts_links;
mod accounts_live;
mod accounts_login;
mod accounts_logs;
mod accounts_passkeys;
mod addresses;
mod any_certificate;
mod asset_origin;
mod backup;
mod browser;
mod browser_keys;
mod certificates;
mod cli;
mod crash;
mod crash_client;
mod crash_power;
mod crash_server;
mod e2ee;
mod e2ee_client;
mod file_vectors;
mod files;
mod front;
mod front_time;
mod fuzz;
mod guests;
mod http_faults;
mod http_h2;
mod http_origin;
mod http_static;
mod http_transport;
mod hub;
mod one_port;
mod opaque_client;
mod operate;
mod owner;
mod proxies;
mod relay;
mod server;
mod session;
mod store;
mod store_batches;
mod store_files;

mod store_properties;
mod store_refusals;
mod store_story;
mod storm;
mod tidy;
