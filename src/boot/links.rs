//! Ends links when their time is over.
//!
//! Sessions of their guests end by themselves; this makes the server demand
//! that members end the links in the control log too.

use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::time::timeout;

use crate::http::{State, now};
use crate::pure::wire::Millis;

/// Watches the links for as long as the server serves.
pub(super) async fn watch(serving: Weak<State>) {
    loop {
        let Some(state) = serving.upgrade().filter(|state| !state.is_draining()) else { return };
        let (next, fresh) = (expire(&state).await, Arc::clone(&state.links));
        drop(state);
        // The clock on the wall may be moved meanwhile.
        let wait = next.map_or(LOOK_AGAIN, |next| next.since(now()).min(LOOK_AGAIN));
        let wait = Duration::from_millis(wait.0.max(SHORTEST.0));
        // A new link may be the next to end.
        let _ = timeout(wait, fresh.notified()).await;
    }
}

async fn expire(state: &Arc<State>) -> Option<Millis> {
    match state.store.expire_links(now()).await {
        Ok(Ok(expired)) => {
            if !expired.links.is_empty() {
                tracing::info!(links = expired.links.len(), "links have expired");
                state.hub.links_expired(&expired);
            }
            expired.next
        }
        Ok(Err(_)) => None,
        Err(error) => {
            tracing::warn!("links could not be looked through: {error}");
            None
        }
    }
}

const LOOK_AGAIN: Millis = Millis(10_000);
const SHORTEST: Millis = Millis(20);
