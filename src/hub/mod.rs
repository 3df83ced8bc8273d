//! The task that owns the rooms core: it feeds in commands and results, and
//! carries out what the core decides: store, deliver, close, revoke.
//!
//! Others hold a [`Hub`] handle. The outbox of a connection lives here; the
//! session keeps its reading end, so nothing imports upward. The hub never
//! waits on a client or disk: a full outbox closes that connection, which
//! resumes by sequence number.

/* The handle, as http and session use it:

#[derive(Clone)] pub struct Hub
pub struct Identity { pub account: AccountId, pub device: DeviceId, pub session: SessionId }

impl Hub {
  // session: one connection
  async fn connect(&self, who: Identity) -> Result<Connection, Stopped>      // Connection { id: ConnectionId, outbox: Outbox (reading end) }
  async fn command(&self, connection: ConnectionId, frame: CommandFrame)     // bounded mailbox, waits for room = back-pressure on that socket only
  fn       disconnected(&self, connection: ConnectionId)
  // http: told after the store has committed
  async fn registered(&self, Registered)
  async fn account_changed(&self, Account)
  async fn sessions_ended(&self, Vec<SessionId>)      // closes their sockets with 4001, frees their relay allocations
  // boot
  async fn stop(&self)                                // flush watermarks, close sockets with 1012
}

Outbox (reading end): `async fn recv(&mut self, frames: &mut Vec<Utf8Bytes>) -> Closed|Frames`: waits, then takes all that is there
(bounded by 256 messages / 1 MiB in the hub's count), so that the session writes them with one flush.

start(store: Store, directory: Directory, relay_keys: Keys, relay_urls: Vec<String>,
      revocations: mpsc::UnboundedSender<Revocation>, limits) -> Hub
*/
