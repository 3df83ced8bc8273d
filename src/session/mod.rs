//! One task per WebSocket: reads, parses, limits rates, writes.

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};

use crate::hub::{Hub, Identity};

/// The bounds of one connection.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    pub hello: Duration,
    pub ping: Duration,
    pub dead: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        use crate::pure::wire::limits::{DEAD_MS, HELLO_MS, PING_MS};
        Self {
            hello: Duration::from_millis(HELLO_MS),
            ping: Duration::from_millis(PING_MS),
            dead: Duration::from_millis(DEAD_MS),
        }
    }
}

/// Runs a connection on a stream whose upgrade to a WebSocket is done, until
/// it ends. Frames WebSockets itself: `io` is the raw upgraded stream.
pub async fn run<S>(io: S, hub: Hub, who: Identity, _limits: Limits)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let _connection = hub.connect(who).await;
    drop(io);
}
