//! Listening sockets that the service manager has opened and keeps (sd_listen_fds(3)).
//!
//! While the server restarts, connections wait in them instead of being refused.

use std::env;
use std::net::TcpListener;

use anyhow::Context;
use listenfd::ListenFd;

/// The sockets in their order, if this process was given any.
pub(super) fn listeners() -> anyhow::Result<Vec<TcpListener>> {
    let mut given = ListenFd::from_env();
    let names = names(env::var("LISTEN_FDNAMES").ok().as_deref(), given.len());
    let mut listeners = Vec::new();
    for (index, name) in names.iter().enumerate() {
        let tried = || format!("the service manager's socket {name:?} is no TCP listener");
        listeners.extend(given.take_tcp_listener(index).with_context(tried)?);
    }
    Ok(listeners)
}

/// What the sockets are called, for messages.
fn names(given: Option<&str>, count: usize) -> Vec<String> {
    let mut names: Vec<_> = given.unwrap_or_default().split(':').map(str::to_owned).collect();
    names.resize(count, String::new());
    names
}

#[cfg(test)]
mod tests {
    #[test]
    fn there_are_as_many_names_as_sockets() {
        assert_eq!(super::names(None, 2), ["", ""]);
        assert_eq!(super::names(Some("a:b:c"), 2), ["a", "b"]);
        assert!(super::names(Some("a"), 0).is_empty());
    }
}
