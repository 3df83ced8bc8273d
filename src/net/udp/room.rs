//! How many messages a call to receive makes room for.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::BATCH;

/// Follows what came lately: room for a message that does not come costs time in each
/// call, and too little room costs another call.
#[derive(Debug)]
pub(super) struct Room(AtomicUsize);

impl Default for Room {
    fn default() -> Self {
        Self(AtomicUsize::new(LEAST))
    }
}

impl Room {
    /// For how many messages the next call makes room.
    pub(super) fn messages(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }

    /// So many came; says whether there was room for no more of them.
    pub(super) fn came(&self, messages: usize) -> bool {
        let room = self.messages();
        let full = messages >= room;
        let next = if full {
            (2 * room).min(BATCH)
        } else if 4 * messages <= room {
            (room / 2).max(LEAST)
        } else {
            room
        };
        self.0.store(next, Ordering::Relaxed);
        full
    }
}

/// Most sockets have a few clients that send now and then.
const LEAST: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_follows_what_comes() {
        let room = Room::default();
        let mut rooms = Vec::new();
        for messages in [1, 8, 16, 32, 64, 128, 128, 33, 32, 16, 8, 4, 1, 1] {
            let there = room.messages();
            assert_eq!(room.came(messages), messages >= there);
            rooms.push(room.messages());
        }
        assert_eq!(rooms, [8, 16, 32, 64, 128, 128, 128, 128, 64, 32, 16, 8, 8, 8]);
    }
}
