//! What may be, by the rules alone: who has an allocation, whom they permit,
//! and what their channels stand for. It learns from answers, and what the
//! relay then does must be among what it allows.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};

use callbox::pure::stun::{AttributeType, Class, Message, Method, read_xor_address};
use callbox::pure::wire::Millis;

use super::world::{LIMITS, PEOPLE};

/// What everybody has.
#[derive(Debug, Default)]
pub struct Model {
    held: HashMap<usize, Held>,
    /// The last relayed address of each, to be tried when it is nobody's any more.
    pub addresses: [Option<SocketAddr>; PEOPLE],
}

/// An allocation.
#[derive(Debug)]
struct Held {
    relayed: SocketAddr,
    /// Whose credentials made it.
    owner: Vec<u8>,
    call: u8,
    session: u8,
    ip: IpAddr,
    expires: Millis,
    permissions: HashMap<IpAddr, Millis>,
    channels: HashMap<u16, (SocketAddr, Millis)>,
}

/// Who asked.
#[derive(Debug, Clone, Copy)]
pub struct Asker {
    pub who: usize,
    pub call: u8,
    pub session: u8,
    pub ip: IpAddr,
}

impl Model {
    /// Learns from the answer to a request.
    pub fn learn(&mut self, now: Millis, by: Asker, request: &Message<'_>, answer: &Message<'_>) {
        assert_eq!(answer.transaction(), request.transaction());
        assert_eq!(answer.method(), request.method());
        if answer.class() != Class::Success || request.method() == Method::BINDING {
            return;
        }
        let username = request.first(AttributeType::USERNAME).expect("a proof names somebody");
        if request.method() == Method::ALLOCATE {
            return self.allocate(now, by, username, answer);
        }
        let peers = peers(request);
        let held = self.held.get_mut(&by.who).expect("success is for who has an allocation");
        assert!(held.expires > now, "and it has not expired");
        assert_eq!(same(&held.owner), same(username), "nobody else changes it");
        match request.method() {
            Method::REFRESH => match lifetime(answer) {
                0 => {
                    self.held.remove(&by.who);
                }
                seconds => held.expires = now.plus(Millis(seconds * 1000)),
            },
            Method::CREATE_PERMISSION => held.permit(now, &peers),
            Method::CHANNEL_BIND => {
                held.permit(now, &peers);
                let number = request.first(AttributeType::CHANNEL_NUMBER).expect("it has one");
                let number = u16::from_be_bytes([number[0], number[1]]);
                let until = now.plus(Millis(600_000));
                held.channels.retain(|_, (_, until)| *until > now);
                held.channels.insert(number, (peers[0], until));
                assert!(held.channels.len() <= LIMITS.channels, "{held:?}");
            }
            other => panic!("success to {other:?}"),
        }
    }

    fn allocate(&mut self, now: Millis, by: Asker, username: &[u8], answer: &Message<'_>) {
        let relayed = answer.first(AttributeType::XOR_RELAYED_ADDRESS).expect("an address");
        let relayed = read_xor_address(relayed, answer.transaction()).expect("an address");
        self.addresses[by.who] = Some(relayed);
        let again = self.held.get(&by.who).filter(|held| held.expires > now);
        if let Some(held) = again {
            assert_eq!(held.relayed, relayed, "a repeated request makes no second allocation");
            return;
        }
        let fresh = |(who, held): (&usize, &Held)| {
            *who == by.who || held.expires <= now || (held.call, held.relayed) != (by.call, relayed)
        };
        assert!(self.held.iter().all(fresh), "addresses of a call are each one's own");
        self.held.insert(
            by.who,
            Held {
                relayed,
                owner: username.to_vec(),
                call: by.call,
                session: by.session,
                ip: by.ip,
                expires: now.plus(Millis(lifetime(answer) * 1000)),
                permissions: HashMap::new(),
                channels: HashMap::new(),
            },
        );
        let count = |same: &dyn Fn(&Held) -> bool| {
            self.held.values().filter(|held| held.expires > now && same(held)).count()
        };
        assert!(count(&|_| true) <= LIMITS.allocations);
        assert!(count(&|held| held.session == by.session) <= LIMITS.allocations_per_session);
        assert!(count(&|held| network(held.ip) == network(by.ip)) <= LIMITS.allocations_per_ip);
    }

    /// Somebody's allocation is gone.
    pub fn end(&mut self, who: usize) {
        self.held.remove(&who);
    }

    /// Those of a call, a leg or a session are gone.
    pub fn revoke(&mut self, call: Option<u8>, session: Option<u8>) {
        self.held.retain(|_, held| {
            !(call.is_none_or(|call| held.call == call)
                && session.is_none_or(|session| held.session == session))
        });
    }

    /// Whether something may go from one to another, sent through a channel or an indication.
    pub fn may_pass(&self, now: Millis, from: usize, number: Option<u16>, to: usize) -> bool {
        let (Some(from_held), Some(to_held)) = (self.living(now, from), self.living(now, to))
        else {
            return false;
        };
        from != to
            && from_held.call == to_held.call
            && from_held.sends(now, number, to_held.relayed)
            && to_held.permits(now, from_held.relayed.ip())
    }

    /// Whether something may go from somebody to an address outside.
    pub fn may_leave(&self, now: Millis, from: usize, number: Option<u16>, to: SocketAddr) -> bool {
        self.living(now, from).is_some_and(|held| held.sends(now, number, to))
    }

    /// Whether something may come from an address outside to somebody.
    pub fn may_enter(&self, now: Millis, from: SocketAddr, to: usize) -> bool {
        self.living(now, to).is_some_and(|held| held.permits(now, from.ip()))
    }

    /// How many live.
    pub fn living_count(&self, now: Millis) -> usize {
        self.held.values().filter(|held| held.expires > now).count()
    }

    fn living(&self, now: Millis, who: usize) -> Option<&Held> {
        self.held.get(&who).filter(|held| held.expires > now)
    }
}

impl Held {
    fn permit(&mut self, now: Millis, peers: &[SocketAddr]) {
        for peer in peers {
            self.permissions.insert(peer.ip(), now.plus(Millis(300_000)));
        }
        self.permissions.retain(|_, until| *until > now);
        assert!(self.permissions.len() <= LIMITS.permissions, "{self:?}");
    }

    fn permits(&self, now: Millis, ip: IpAddr) -> bool {
        self.permissions.get(&ip).is_some_and(|until| *until > now)
    }

    fn sends(&self, now: Millis, number: Option<u16>, to: SocketAddr) -> bool {
        match number {
            Some(number) => {
                self.channels.get(&number).is_some_and(|(peer, until)| *peer == to && *until > now)
            }
            None => self.permits(now, to.ip()),
        }
    }
}

/// The peers that a request names.
fn peers(request: &Message<'_>) -> Vec<SocketAddr> {
    let named = request.attributes().filter(|held| held.kind == AttributeType::XOR_PEER_ADDRESS);
    let read = |value| read_xor_address(value, request.transaction()).expect("it was accepted");
    named.map(|held| read(held.value)).collect()
}

fn lifetime(answer: &Message<'_>) -> u64 {
    let value = answer.first(AttributeType::LIFETIME).expect("a lifetime");
    u32::from_be_bytes(value.try_into().expect("four bytes")).into()
}

/// A username without its expiry: new credentials of the same leg are as good.
fn same(username: &[u8]) -> &[u8] {
    let colon = username.iter().position(|byte| *byte == b':');
    &username[colon.map_or(0, |colon| colon + 1)..]
}

/// Whoever has one IPv6 address has its /64.
fn network(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V4(_) => ip,
        IpAddr::V6(ip) => IpAddr::V6((ip.to_bits() >> 64 << 64).into()),
    }
}
