//! What an allocation costs to set up, and to keep.

use std::time::Duration;

use crate::client::{Client, Wire, plain};
use crate::server::Server;

/// The cost of one allocation with a permission and a channel.
pub struct Cost {
    pub cpu: Duration,
    pub bytes: u64,
}

/// Sets up so many, one after the other: challenge, Allocate,
/// CreatePermission, ChannelBind.
pub fn run(server: &Server, allocations: u32) -> Option<Cost> {
    let peer = plain().local_addr().expect("bound");
    let one = || {
        let mut client = Client::new(Wire::udp(server.address), server.credentials());
        client.allocate();
        client.permit(peer);
        client.bind(0x4001, peer);
        client
    };
    let mut kept: Vec<_> = (0..50).map(|_| one()).collect();
    let (cpu, memory) = (server.cpu()?, server.memory()?);
    kept.extend((0..allocations).map(|_| one()));
    let cost = Cost {
        cpu: (server.cpu()? - cpu) / allocations,
        bytes: (server.memory()?.saturating_sub(memory)) / u64::from(allocations),
    };
    drop(kept);
    Some(cost)
}
