//! Packets that go from one worker to another.
//!
//! What a batch holds for another worker is copied into a parcel, and parcels
//! go over as a whole: one queue operation for up to 256 packets, and no lock.
//! A worker has so many parcels; those that are not back yet bound what can
//! wait for the others, and packets beyond that are lost. Parcels come home
//! empty, so nothing is allocated on the way.

use std::ops::Range;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use super::bell::Bell;
use crate::pure::turn::Passed;

/// Packets for one worker.
#[derive(Debug)]
pub(super) struct Parcel {
    /// The worker that it belongs to.
    home: usize,
    bytes: Vec<u8>,
    packets: Vec<(Passed, Range<usize>)>,
}

/// A worker's side of the handover.
#[derive(Debug)]
pub(super) struct Post {
    doors: Arc<[Door]>,
    /// Parcels that are being filled, by the worker they are for.
    filling: Vec<Option<Box<Parcel>>>,
    arriving: Receiver<Box<Parcel>>,
    /// Has arrived and was only looked at.
    next: Option<Box<Parcel>>,
    home_coming: Receiver<Box<Parcel>>,
    /// Empty ones that are at home. Their memory is the system's until it is used.
    #[expect(clippy::vec_box, reason = "they travel in their boxes")]
    idle: Vec<Box<Parcel>>,
}

/// Where a worker takes parcels.
#[derive(Debug)]
struct Door {
    parcels: SyncSender<Box<Parcel>>,
    /// Its own that come back.
    home: SyncSender<Box<Parcel>>,
    bell: Arc<Bell>,
}

/// Something is lost, because too much is under way.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Lost;

impl Parcel {
    fn new(home: usize) -> Self {
        Self { home, bytes: Vec::with_capacity(BYTES), packets: Vec::with_capacity(PACKETS) }
    }

    /// What was said of each packet, and where in the bytes it is.
    pub(super) fn packets(&self) -> &[(Passed, Range<usize>)] {
        &self.packets
    }

    /// The packets, one behind the other.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    fn has_room(&self, length: usize) -> bool {
        self.bytes.len() + length <= BYTES && self.packets.len() < PACKETS
    }
}

impl Post {
    /// One for each worker; the bells wake them.
    pub(super) fn between(bells: &[Arc<Bell>]) -> Vec<Self> {
        let (mut doors, mut ends) = (Vec::new(), Vec::new());
        for bell in bells {
            let (parcels, arriving) = sync_channel(MOST * bells.len());
            let (home, home_coming) = sync_channel(MOST);
            doors.push(Door { parcels, home, bell: Arc::clone(bell) });
            ends.push((arriving, home_coming));
        }
        let doors: Arc<[Door]> = doors.into();
        // Who is alone sends none.
        let parcels = if bells.len() > 1 { MOST } else { 0 };
        let post = |(own, (arriving, home_coming))| Self {
            doors: Arc::clone(&doors),
            filling: doors.iter().map(|_| None).collect(),
            arriving,
            next: None,
            home_coming,
            idle: (0..parcels).map(|_| Box::new(Parcel::new(own))).collect(),
        };
        ends.into_iter().enumerate().map(post).collect()
    }

    /// Puts a packet into a parcel for its worker.
    pub(super) fn add(&mut self, passed: Passed, data: &[u8]) -> Result<(), Lost> {
        let to = passed.shard();
        if self.filling[to].as_ref().is_some_and(|parcel| !parcel.has_room(data.len())) {
            self.send(to);
        }
        if self.filling[to].is_none() {
            self.filling[to] = self.empty();
        }
        let parcel = self.filling[to].as_mut().ok_or(Lost)?;
        let start = parcel.bytes.len();
        parcel.bytes.extend_from_slice(data);
        parcel.packets.push((passed, start..parcel.bytes.len()));
        Ok(())
    }

    /// Sends what has been put in.
    pub(super) fn dispatch(&mut self) {
        for to in 0..self.filling.len() {
            self.send(to);
        }
    }

    fn send(&mut self, to: usize) {
        if let Some(parcel) = self.filling[to].take() {
            let door = &self.doors[to];
            // There is room for all parcels there are. A worker that has
            // ended needs none.
            let _ = door.parcels.try_send(parcel);
            door.bell.ring();
        }
    }

    fn empty(&mut self) -> Option<Box<Parcel>> {
        self.idle.extend(self.home_coming.try_iter());
        // The last that came is in the processor's cache yet.
        self.idle.pop()
    }

    /// The next parcel that has arrived.
    pub(super) fn take(&mut self) -> Option<Box<Parcel>> {
        self.next.take().or_else(|| self.arriving.try_recv().ok())
    }

    /// Whether one has arrived.
    pub(super) fn has_arrived(&mut self) -> bool {
        self.next = self.take();
        self.next.is_some()
    }

    /// Sends a parcel home.
    pub(super) fn give_back(&mut self, mut parcel: Box<Parcel>) {
        parcel.bytes.clear();
        parcel.packets.clear();
        let home = parcel.home;
        // There is room for all that the other has.
        let _ = self.doors[home].home.try_send(parcel);
    }
}

/// Parcels of one worker.
const MOST: usize = 64;
/// Room in each: what the system puts together in one message fits.
const BYTES: usize = 65_536;
const PACKETS: usize = 256;

#[cfg(test)]
mod tests {
    use mio::{Poll, Waker};

    use super::super::outbound::BELL;
    use super::*;
    use crate::pure::turn::Passed;

    fn posts(count: usize) -> (Vec<Poll>, Vec<Post>) {
        let polls: Vec<_> = (0..count).map(|_| Poll::new().expect("the system polls")).collect();
        let bell =
            |poll: &Poll| Arc::new(Bell::new(Waker::new(poll.registry(), BELL).expect("it wakes")));
        let bells: Vec<_> = polls.iter().map(bell).collect();
        (polls, Post::between(&bells))
    }

    #[test]
    fn packets_arrive_whole_and_in_order_and_parcels_come_home() {
        let (_polls, mut posts) = posts(3);
        let data: Vec<u8> = (0..=255).cycle().take(3000).collect();
        let mut expected = 0;
        for round in 0..10 * MOST {
            for n in 0..400 {
                let length = (round * 7 + n * 13) % 1500;
                let passed = Passed::between(0, 2, n as u64);
                posts[0].add(passed, &data[n..n + length]).expect("parcels come back");
            }
            posts[0].dispatch();
            let mut got = 0;
            while let Some(parcel) = posts[2].take() {
                for (passed, range) in parcel.packets() {
                    let length = (round * 7 + got * 13) % 1500;
                    assert_eq!(*passed, Passed::between(0, 2, got as u64));
                    assert_eq!(parcel.bytes()[range.clone()], data[got..got + length]);
                    got += 1;
                }
                posts[2].give_back(parcel);
            }
            expected += 400;
            assert_eq!(got, 400, "{expected}");
            assert!(!posts[1].has_arrived() && !posts[2].has_arrived());
        }
        assert_eq!(posts[0].empty().map(|parcel| parcel.home), Some(0));
        assert_eq!(posts[0].idle.len(), MOST - 1);
    }

    #[test]
    fn what_waits_for_another_worker_is_bounded_and_blocks_nobody() {
        let (_polls, mut posts) = posts(3);
        let passed = Passed::between(0, 1, 0);
        let fits = (0..100_000).take_while(|_| posts[0].add(passed, &[7; 1000]).is_ok()).count();
        assert_eq!(fits, MOST * (BYTES / 1000));
        assert_eq!(posts[0].add(passed, &[]), Err(Lost));
        // Others send to it still, and to others.
        let from_2 = Passed::between(2, 1, 0);
        assert_eq!(posts[2].add(from_2, b"x"), Ok(()));
        posts[2].dispatch();
        while let Some(parcel) = posts[1].take() {
            posts[1].give_back(parcel);
        }
        assert_eq!(posts[0].add(passed, b"x"), Ok(()), "there is room again");
    }
}
