//! Looking after a running server: what it says of itself, other settings,
//! stopping, and the service manager around it.

mod activation;
mod board;
mod check;
mod doctor;
mod drain;
mod logs;
mod manager;
mod reload;
mod status;
