//! Sockets that the service manager has opened and keeps (sd_listen_fds(3)).
//!
//! While the server restarts, connections and datagrams wait in them instead of being refused.

use std::env;
use std::net::UdpSocket;

use anyhow::Context;
use listenfd::ListenFd;

use crate::front::{self, Listeners};

/// What stands in for ports of the settings.
#[derive(Default)]
pub(super) struct Given {
    /// If there are any: one that is called `http` is for plain HTTP alone, all others
    /// take everything.
    pub(super) listeners: Option<Listeners>,
    /// For the relay, if this process was given any socket at all.
    pub(super) udp: Option<Vec<UdpSocket>>,
}

/// Takes the sockets over.
pub(super) fn take() -> anyhow::Result<Given> {
    let mut sockets = ListenFd::from_env();
    let names = names(env::var("LISTEN_FDNAMES").ok().as_deref(), sockets.len());
    let mut given = Given::default();
    for (index, name) in names.iter().enumerate() {
        // It stays there if it is none.
        if let Ok(Some(socket)) = sockets.take_udp_socket(index) {
            given.udp.get_or_insert_default().push(socket);
            continue;
        }
        let tried = || format!("the service manager's socket {name:?} is of neither TCP nor UDP");
        let Some(listener) = sockets.take_tcp_listener(index).with_context(tried)? else {
            continue;
        };
        given.udp.get_or_insert_default();
        let Listeners { all, http } = given.listeners.get_or_insert_default();
        let list = if name == "http" { http } else { all };
        list.push(front::adopt(listener).with_context(tried)?);
    }
    Ok(given)
}

/// What the sockets are called.
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
