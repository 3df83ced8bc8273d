//! HTTP: routes, the API, the embedded web client, the WebSocket upgrade.
//!
//! A connection comes in here after `front` has found out what it speaks.
//! Every request passes the same gates in the same order (see `gate`): host,
//! origin, set-up; then it is the API's, the client's or a WebSocket's.
//! Nothing here accepts sockets or knows certificates.

pub mod answer;
pub mod api;
mod approvals;
mod asset_origin;
mod assets;
pub mod auth;
mod backups;
pub mod body;
mod checks;
pub mod context;
pub mod cookie;
mod doctor;
mod facts;
mod figures;
mod forwarded;
mod gate;
mod headers;
mod health;
mod hosts;
mod live;
mod negotiate;
mod origin;
mod probe;
pub mod request;
pub mod router;
mod serve;
pub mod setup;
pub mod state;
mod trust;
mod unread;
mod websocket;

pub use answer::{Answer, Response};
pub use approvals::Approvals;
pub use asset_origin::AssetOrigin;
pub use assets::client_files;
pub use auth::Auth;
pub use backups::Backups;
pub use checks::Checks;
pub use context::{Channel, Context};
pub use doctor::Doctor;
pub use facts::{Facts, InForce};
pub use forwarded::Proxies;
pub use hosts::Hosts;
pub use live::Live;
pub use probe::Probe;
pub use request::Request;
pub use router::Router;
pub use serve::{Ports, Transport, Version, Wire, serve};
pub use setup::Setup;
pub use state::{RelayWatch, State, now};
pub use trust::page_at as trust_page;
pub use unread::Unread;
