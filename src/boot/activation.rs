//! Listening sockets that the service manager has opened and keeps (sd_listen_fds(3)).
//!
//! While the server restarts, connections wait in them instead of being refused.

use std::env;

use anyhow::Context;
use listenfd::ListenFd;

use crate::front::{self, Listeners};

/// The sockets, if this process was given any: one that is called `http` is for plain
/// HTTP alone, all others take everything.
pub(super) fn listeners() -> anyhow::Result<Option<Listeners>> {
    let mut given = ListenFd::from_env();
    let names = names(env::var("LISTEN_FDNAMES").ok().as_deref(), given.len());
    let (mut all, mut http) = (Vec::new(), Vec::new());
    for (index, name) in names.iter().enumerate() {
        let tried = || format!("the service manager's socket {name:?} is no TCP listener");
        let Some(listener) = given.take_tcp_listener(index).with_context(tried)? else { continue };
        let list = if name == "http" { &mut http } else { &mut all };
        list.push(front::adopt(listener).with_context(tried)?);
    }
    let none = all.is_empty() && http.is_empty();
    Ok((!none).then_some(Listeners { all, http }))
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
