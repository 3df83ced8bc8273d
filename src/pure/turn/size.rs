//! How much a server holds, to show that it is bounded.

use super::server::Server;

/// Numbers of what a server holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Size {
    pub allocations: usize,
    pub permissions: usize,
    pub channels: usize,
    pub calls: usize,
    pub sessions: usize,
    /// Entries of all indexes.
    pub indexed: usize,
    pub revocations: usize,
    /// What is to be done and was not yet.
    pub outputs: usize,
}

impl Server {
    /// How much there is now. It takes as long as there is much.
    pub fn size(&self) -> Size {
        let peers = || self.allocations.iter().map(|(_, allocation)| &allocation.peers);
        Size {
            allocations: self.allocations.len(),
            permissions: peers().map(|peers| peers.permissions()).sum(),
            channels: peers().map(|peers| peers.channels()).sum(),
            calls: self.calls.len(),
            sessions: self.sessions.len(),
            indexed: self.by_client.len()
                + self.by_relayed.len()
                + self.by_call.len()
                + self.by_session.len()
                + self.deadlines.len(),
            revocations: self.revocations.len(),
            outputs: self.outputs.len(),
        }
    }
}
