//! Devices that ask to be let in by another one of their account.
//!
//! Each request lasts ten minutes. Who found it by its words may approve it,
//! once, or refuse it; who asked claims what was approved, once and soon, with
//! the secret that only the asking device was told, or hears of the refusal. Nothing gives way to a newer request:
//! whoever shows a code may rely on it until it ends. So the number of requests
//! is bounded by refusing more, for each network and in all.

use std::collections::{BTreeSet, HashMap};
use std::net::IpAddr;

use subtle::ConstantTimeEq;

use super::attempts::Network;
use crate::pure::wire::{ApprovalId, Blob, Millis, Name};

/// What the words of a request stand for.
pub type Tag = [u8; 9];

/// The requests under way, and what was approved but not claimed.
#[derive(Debug)]
pub struct Approvals<T> {
    asked: HashMap<ApprovalId, Asked<T>>,
    by_tag: HashMap<Tag, ApprovalId>,
    by_network: HashMap<Network, usize>,
    deadlines: BTreeSet<(Millis, ApprovalId)>,
}

/// What a device shows of itself when it asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    pub key: Blob,
    pub tag: Tag,
    pub device_name: Name,
    /// The network it asks from, as people see it.
    pub network: String,
}

/// A request as whoever is asked finds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    pub id: ApprovalId,
    pub request: Request,
    pub created: Millis,
}

/// Why a device cannot ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// Another one asks with this key, or one that has the same words.
    InUse,
    /// Too many ask; room comes after this time.
    TooMany(Millis),
}

/// Where a request stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim<T> {
    Waiting,
    /// What was approved, and the device that asked; the request is gone with it.
    Approved(T, Request),
    /// Whoever was asked said no; the request is gone.
    Refused,
    /// Expired or claimed, never there, or of somebody with another secret.
    Gone,
}

#[derive(Debug)]
struct Asked<T> {
    request: Request,
    network: Option<Network>,
    secret_hash: [u8; 32],
    created: Millis,
    deadline: Millis,
    answer: Option<Answer<T>>,
}

#[derive(Debug)]
enum Answer<T> {
    Yes(T),
    No,
}

impl<T> Approvals<T> {
    /// Nobody asks.
    pub fn new() -> Self {
        Self {
            asked: HashMap::new(),
            by_tag: HashMap::new(),
            by_network: HashMap::new(),
            deadlines: BTreeSet::new(),
        }
    }

    /// Keeps a request under a fresh random id. What comes from this computer
    /// itself may be a proxy, which stands for everyone: it counts in all only.
    pub fn ask(
        &mut self,
        id: ApprovalId,
        request: Request,
        client: IpAddr,
        secret_hash: [u8; 32],
        now: Millis,
    ) -> Result<(), Refused> {
        self.expire(now);
        if self.by_tag.contains_key(&request.tag) {
            return Err(Refused::InUse);
        }
        let network = (!client.to_canonical().is_loopback()).then(|| Network::of(client));
        let here = network.and_then(|network| self.by_network.get(&network)).copied();
        if self.asked.len() >= IN_ALL || here.is_some_and(|count| count >= PER_NETWORK) {
            let next = self.deadlines.first().map_or(now, |(deadline, _)| *deadline);
            return Err(Refused::TooMany(next.since(now)));
        }
        let deadline = now.plus(LIFETIME);
        self.deadlines.insert((deadline, id));
        self.by_tag.insert(request.tag, id);
        if let Some(network) = network {
            *self.by_network.entry(network).or_default() += 1;
        }
        let asked = Asked { request, network, secret_hash, created: now, deadline, answer: None };
        self.asked.insert(id, asked);
        Ok(())
    }

    /// The request with these words, while nobody has answered it.
    pub fn find(&mut self, tag: &[u8], now: Millis) -> Option<Found> {
        self.expire(now);
        let id = *self.by_tag.get(<&Tag>::try_from(tag).ok()?)?;
        let asked = self.asked.get(&id).filter(|asked| asked.answer.is_none())?;
        Some(Found { id, request: asked.request.clone(), created: asked.created })
    }

    /// Lets the device in; false when there is nothing to approve.
    pub fn approve(&mut self, id: ApprovalId, what: T, now: Millis) -> bool {
        self.answer(id, Answer::Yes(what), now)
    }

    /// Says no to the device; false when there is nothing to refuse.
    pub fn refuse(&mut self, id: ApprovalId, now: Millis) -> bool {
        self.answer(id, Answer::No, now)
    }

    fn answer(&mut self, id: ApprovalId, answer: Answer<T>, now: Millis) -> bool {
        self.expire(now);
        let Some(asked) = self.asked.get_mut(&id).filter(|asked| asked.answer.is_none()) else {
            return false;
        };
        asked.answer = Some(answer);
        // Its device is waiting for this very answer.
        let deadline = asked.deadline.min(now.plus(CLAIM_TIME));
        self.deadlines.remove(&(asked.deadline, id));
        self.deadlines.insert((deadline, id));
        asked.deadline = deadline;
        true
    }

    /// What the device that asked gets, once.
    pub fn claim(&mut self, id: ApprovalId, secret_hash: &[u8; 32], now: Millis) -> Claim<T> {
        self.expire(now);
        match self.asked.get(&id) {
            Some(asked) if bool::from(asked.secret_hash.ct_eq(secret_hash)) => {
                if asked.answer.is_none() {
                    return Claim::Waiting;
                }
            }
            Some(_) | None => return Claim::Gone,
        }
        match self.remove(id) {
            Some(Asked { answer: Some(Answer::Yes(what)), request, .. }) => {
                Claim::Approved(what, request)
            }
            Some(Asked { answer: Some(Answer::No), .. }) => Claim::Refused,
            Some(_) | None => Claim::Gone,
        }
    }

    fn expire(&mut self, now: Millis) {
        while let Some(&(deadline, id)) = self.deadlines.first() {
            if deadline > now {
                break;
            }
            self.remove(id);
        }
    }

    fn remove(&mut self, id: ApprovalId) -> Option<Asked<T>> {
        let asked = self.asked.remove(&id)?;
        self.deadlines.remove(&(asked.deadline, id));
        self.by_tag.remove(&asked.request.tag);
        if let Some(network) = asked.network
            && let Some(count) = self.by_network.get_mut(&network)
        {
            *count -= 1;
            if *count == 0 {
                self.by_network.remove(&network);
            }
        }
        Some(asked)
    }
}

impl<T> Default for Approvals<T> {
    fn default() -> Self {
        Self::new()
    }
}

/// How long a request lasts.
pub const LIFETIME: Millis = Millis(10 * 60_000);

/// How long what was approved waits for its device.
const CLAIM_TIME: Millis = Millis(60_000);

/// A household or office behind one address has few new devices at a time.
const PER_NETWORK: usize = 32;
const IN_ALL: usize = 4_096;

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: [u8; 32] = [1; 32];

    fn id(n: u16) -> ApprovalId {
        let mut id = [0; 16];
        id[..2].copy_from_slice(&n.to_be_bytes());
        ApprovalId::from_bytes(id)
    }

    fn request(n: u16) -> Request {
        let mut tag = [0; 9];
        tag[..2].copy_from_slice(&n.to_be_bytes());
        let device_name = Name::new("Phone").unwrap();
        Request { key: vec![0; 32].into(), tag, device_name, network: "192.0.2.0/24".into() }
    }

    fn ask(approvals: &mut Approvals<u8>, n: u16, from: [u8; 4], at: u64) -> Result<(), Refused> {
        approvals.ask(id(n), request(n), from.into(), SECRET, Millis(at))
    }

    const HERE: [u8; 4] = [192, 0, 2, 1];

    fn is_empty(approvals: &Approvals<u8>) -> bool {
        let Approvals { asked, by_tag, by_network, deadlines } = approvals;
        asked.is_empty() && by_tag.is_empty() && by_network.is_empty() && deadlines.is_empty()
    }

    #[test]
    fn a_device_is_found_approved_and_claimed_once() {
        let mut approvals = Approvals::new();
        ask(&mut approvals, 1, HERE, 5).unwrap();
        assert_eq!(approvals.claim(id(1), &SECRET, Millis(6)), Claim::Waiting);
        let found = approvals.find(&request(1).tag, Millis(6)).unwrap();
        assert_eq!(found, Found { id: id(1), request: request(1), created: Millis(5) });
        assert!(approvals.approve(id(1), 42, Millis(7)));
        assert_eq!(approvals.find(&request(1).tag, Millis(7)), None, "it needs nobody any more");
        assert!(!approvals.approve(id(1), 43, Millis(7)), "somebody was first");
        assert_eq!(approvals.claim(id(1), &SECRET, Millis(8)), Claim::Approved(42, request(1)));
        assert_eq!(approvals.claim(id(1), &SECRET, Millis(8)), Claim::Gone);
        assert!(!approvals.approve(id(1), 42, Millis(8)));
        assert!(is_empty(&approvals));
    }

    #[test]
    fn a_device_that_was_refused_hears_of_it_once() {
        let mut approvals = Approvals::new();
        ask(&mut approvals, 1, HERE, 0).unwrap();
        assert!(approvals.refuse(id(1), Millis(1)));
        assert_eq!(approvals.find(&request(1).tag, Millis(1)), None);
        assert!(!approvals.approve(id(1), 42, Millis(1)), "no is no");
        assert!(!approvals.refuse(id(1), Millis(1)));
        assert_eq!(approvals.claim(id(1), &[2; 32], Millis(2)), Claim::Gone);
        assert_eq!(approvals.claim(id(1), &SECRET, Millis(2)), Claim::Refused);
        assert_eq!(approvals.claim(id(1), &SECRET, Millis(2)), Claim::Gone);
        ask(&mut approvals, 2, HERE, 0).unwrap();
        assert!(approvals.approve(id(2), 42, Millis(1)));
        assert!(!approvals.refuse(id(2), Millis(1)), "it was let in");
        assert_eq!(approvals.claim(id(2), &SECRET, Millis(2)), Claim::Approved(42, request(2)));
        assert!(is_empty(&approvals));
    }

    #[test]
    fn h33_another_secret_claims_nothing_and_spoils_nothing() {
        let mut approvals = Approvals::new();
        ask(&mut approvals, 1, HERE, 0).unwrap();
        assert_eq!(approvals.claim(id(1), &[2; 32], Millis(0)), Claim::Gone);
        assert!(approvals.approve(id(1), 42, Millis(0)));
        assert_eq!(approvals.claim(id(1), &[2; 32], Millis(0)), Claim::Gone);
        assert_eq!(approvals.claim(id(2), &SECRET, Millis(0)), Claim::Gone);
        assert_eq!(approvals.claim(id(1), &SECRET, Millis(0)), Claim::Approved(42, request(1)));
    }

    #[test]
    fn it_ends_after_ten_minutes_and_a_minute_after_the_approval() {
        let mut approvals = Approvals::new();
        for n in 1..4 {
            ask(&mut approvals, n, HERE, 0).unwrap();
        }
        assert!(approvals.approve(id(1), 42, Millis(1_000)));
        assert_eq!(approvals.claim(id(1), &SECRET, Millis(61_000)), Claim::Gone);
        // Approved at the last moment, it lasts no longer than the request would have.
        assert!(approvals.approve(id(2), 42, Millis(LIFETIME.0 - 1)));
        assert_eq!(approvals.claim(id(2), &SECRET, LIFETIME), Claim::Gone);
        assert!(!approvals.approve(id(3), 42, LIFETIME));
        assert_eq!(approvals.find(&request(3).tag, LIFETIME), None);
        assert!(is_empty(&approvals));
    }

    #[test]
    fn nobody_takes_over_a_key_that_is_shown() {
        let mut approvals = Approvals::new();
        ask(&mut approvals, 1, HERE, 0).unwrap();
        let thief = |approvals: &mut Approvals<u8>, at| {
            approvals.ask(id(2), request(1), [198, 51, 100, 1].into(), [9; 32], Millis(at))
        };
        assert_eq!(thief(&mut approvals, 1), Err(Refused::InUse));
        assert!(approvals.approve(id(1), 42, Millis(2)));
        assert_eq!(thief(&mut approvals, 3), Err(Refused::InUse));
        assert_eq!(approvals.find(&[0; 8], Millis(3)), None);
    }

    #[test]
    fn h30_a_flood_is_refused_and_drives_nobody_out() {
        let mut approvals = Approvals::new();
        ask(&mut approvals, 0, HERE, 0).unwrap();
        for n in 1..32 {
            ask(&mut approvals, n, HERE, 1_000).unwrap();
        }
        let wait = Refused::TooMany(Millis(LIFETIME.0 - 2_000));
        assert_eq!(ask(&mut approvals, 32, HERE, 2_000), Err(wait));
        for n in 32u16..4_096 {
            let [high, low] = n.to_be_bytes();
            ask(&mut approvals, n, [198, 18, high, low], 2_000).unwrap();
        }
        assert_eq!(ask(&mut approvals, 5_000, [203, 0, 113, 1], 2_000), Err(wait));
        assert_eq!(ask(&mut approvals, 5_000, [127, 0, 0, 1], 2_000), Err(wait));
        assert_eq!(approvals.claim(id(0), &SECRET, Millis(2_000)), Claim::Waiting);
        ask(&mut approvals, 5_000, HERE, LIFETIME.0).unwrap();
        assert_eq!(approvals.asked.len(), 4_096);
    }

    #[test]
    fn this_computer_may_stand_for_everyone() {
        let mut approvals = Approvals::new();
        for n in 0..100 {
            ask(&mut approvals, n, [127, 0, 0, 1], 0).unwrap();
        }
        assert!(approvals.by_network.is_empty());
    }
}
