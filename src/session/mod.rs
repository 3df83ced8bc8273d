//! One task per WebSocket: reads frames, parses them, limits their rates,
//! checks who signed the envelopes in them and hands them to the hub; writes what its outbox holds, with one flush.
//!
//! It decides nothing of what commands mean. It keeps little: buffers of
//! 4 KiB each way, and no frame longer than until it is written.

mod input;
mod keepalive;
mod pump;
mod rate;
mod socket;
mod verify;

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};

use self::pump::Pump;
use self::verify::Verifier;
use crate::hub::{Hub, Identity, Refused};
use crate::pure::wire::{CloseCode, limits};
use crate::store::Store;

pub use self::rate::Rate;

/// The bounds of one connection.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Until `hello` must have come.
    pub hello: Duration,
    /// Between the server's pings.
    pub ping: Duration,
    /// Of silence until it is given up.
    pub dead: Duration,
    pub commands: Rate,
    pub signals: Rate,
    pub typing: Rate,
    /// Beyond it, reading waits.
    pub bytes: Rate,
    pub pings: Rate,
    /// What may be refused before it counts as a flood.
    pub refusals: Rate,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            hello: Duration::from_millis(limits::HELLO_MS),
            ping: Duration::from_millis(limits::PING_MS),
            dead: Duration::from_millis(limits::DEAD_MS),
            commands: Rate { per_second: 20, burst: 60 },
            signals: Rate { per_second: 50, burst: 200 },
            typing: Rate { per_second: 2, burst: 2 },
            bytes: Rate { per_second: 256 * 1024, burst: 512 * 1024 },
            pings: Rate { per_second: 5, burst: 50 },
            refusals: Rate { per_second: 20, burst: 300 },
        }
    }
}

/// Runs a connection on a stream whose upgrade to a WebSocket is done, until
/// it ends. Frames WebSockets itself: `io` is the raw upgraded stream.
pub async fn run<S>(io: S, hub: Hub, store: Store, who: Identity, limits: Limits)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let socket = socket::open(io).await;
    let (socket, code) = match hub.connect(who).await {
        Ok(connection) => {
            let verifier = Verifier::new(store, who);
            Pump::new(socket, hub, connection, verifier, limits).run().await
        }
        Err(Refused::Stopping) => (socket, Some(CloseCode::stopping(0, 0))),
        Err(Refused::SessionEnded) => (socket, Some(CloseCode::SessionEnded)),
        Err(Refused::TooMany) => (socket, Some(CloseCode::TryLater)),
    };
    // By now the connection is gone for the hub; only the farewell is left.
    if let Some(code) = code {
        socket::close(socket, code).await;
    }
}
