//! What an allocation costs to set up, and to keep.

use std::time::Duration;

use crate::client::{Client, Wire, ask_all, successful};
use crate::server::Server;

/// The cost of one allocation with a permission and a channel.
pub struct Cost {
    pub cpu: Duration,
    pub bytes: u64,
}

/// Sets up so many, some at once: challenge, Allocate, CreatePermission, ChannelBind.
/// One at a time, most of what is measured is the system waking the client.
pub fn run(server: &Server, allocations: u32) -> Option<Cost> {
    // Kept, or an allocation might be given its port.
    let socket = server.peer();
    let at_peer = socket.local_addr().expect("bound");
    let some = |count: u32| {
        let client = |_| Client::new(Wire::udp(server.address), server.credentials());
        let mut clients: Vec<_> = (0..count).map(client).collect();
        let challenges = ask_all(&mut clients, Client::unauthenticated);
        for (client, challenge) in clients.iter_mut().zip(&challenges) {
            client.challenged(challenge);
        }
        for answers in [
            ask_all(&mut clients, Client::allocation),
            ask_all(&mut clients, |client| client.permission(at_peer)),
            ask_all(&mut clients, |client| client.binding(0x4001, at_peer)),
        ] {
            for answer in &answers {
                successful(answer);
            }
        }
        clients
    };
    let mut kept = some(48);
    let (cpu, memory) = (server.cpu()?, server.memory()?);
    kept.extend((0..allocations / AT_ONCE).flat_map(|_| some(AT_ONCE)));
    let cost = Cost {
        cpu: (server.cpu()? - cpu) / allocations,
        bytes: (server.memory()?.saturating_sub(memory)) / u64::from(allocations),
    };
    drop(kept);
    Some(cost)
}

/// Clients that set up together.
const AT_ONCE: u32 = 16;
