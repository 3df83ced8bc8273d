//! How often something may be tried: rates per network, back-off per account.
//!
//! Both forget what has recovered and hold a bounded number of keys; when they
//! are full, the key that is nearest to recovery gives way. Nothing is ever
//! locked for good: a stranger can make an owner wait at most a quarter of an
//! hour, and not at all on a device that the owner has used before.
//!
//! In OPAQUE the client learns from the server's first answer whether its
//! password is right. So it is the *start* of a login that is charged, and
//! the proof at its end that takes the charge back.

use std::collections::{BTreeSet, HashMap};
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};

use crate::pure::wire::Millis;

/// Where attempts come from: an IPv4 address or an IPv6 /64.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Network(IpAddr);

impl Network {
    /// The network of a client. All ways to this computer itself are one.
    pub fn of(client: IpAddr) -> Self {
        let client = client.to_canonical();
        Self(match client {
            _ if client.is_loopback() => IpAddr::from([127, 0, 0, 1]),
            IpAddr::V4(address) => IpAddr::V4(address),
            IpAddr::V6(address) => prefix(address, 4),
        })
    }

    /// The /48 around an IPv6 network, which one customer often has whole.
    fn wider(self) -> Option<Self> {
        match self.0 {
            IpAddr::V4(_) => None,
            IpAddr::V6(address) => Some(Self(prefix(address, 3))),
        }
    }
}

fn prefix(address: Ipv6Addr, segments: usize) -> IpAddr {
    let mut kept = [0; 8];
    kept[..segments].copy_from_slice(&address.segments()[..segments]);
    IpAddr::from(kept)
}

/// So many at once, and after that one per interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    pub burst: u32,
    pub interval: Millis,
}

impl Rate {
    /// This many per minute, all of them at once if need be.
    pub const fn per_minute(n: u32) -> Self {
        Self { burst: n, interval: Millis(60_000 / n as u64) }
    }
}

/// How often each thing may be tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Starts of logins from one network.
    pub logins: Rate,
    /// Looks at the secret of an invite or reset link from one network.
    pub lookups: Rate,
    /// Tries of the setup token from one network.
    pub setups: Rate,
    /// Tries of one account's recovery code.
    pub recoveries: Rate,
    /// Failed logins of one account before each further one has to wait.
    pub free_failures: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            logins: Rate::per_minute(10),
            lookups: Rate::per_minute(20),
            setups: Rate::per_minute(5),
            recoveries: Rate { burst: 5, interval: Millis(12 * 60_000) },
            free_failures: 5,
        }
    }
}

/// A rate per network; an IPv6 /48 has eight times that of each /64 in it.
#[derive(Debug)]
pub struct NetworkRate {
    narrow: Keyed<Network>,
    wide: Keyed<Network>,
    rate: Rate,
}

impl NetworkRate {
    /// With nothing counted yet.
    pub fn new(rate: Rate) -> Self {
        Self { narrow: Keyed::new(), wide: Keyed::new(), rate }
    }

    /// Another rate is in force from now on.
    pub fn set_rate(&mut self, rate: Rate) {
        self.rate = rate;
    }

    /// Counts an attempt, or says how long to wait for the next one. This
    /// computer itself has no rate: what comes from it may be a proxy, which
    /// stands for everyone.
    pub fn take(&mut self, client: IpAddr, now: Millis) -> Result<(), Millis> {
        if client.to_canonical().is_loopback() {
            return Ok(());
        }
        let network = Network::of(client);
        let Rate { burst, interval } = self.rate;
        let span = Millis(interval.0 * u64::from(burst));
        // A generic cell rate: the key's time is when it will have recovered.
        let charge = |keyed: &mut Keyed<Network>, key, interval: Millis| {
            let recovered = keyed.time(&key, now).max(now).plus(interval);
            match recovered.since(now).since(span) {
                Millis(0) => {
                    keyed.set(key, recovered, 0);
                    Ok(())
                }
                wait => Err(wait),
            }
        };
        if let Some(wider) = network.wider() {
            charge(&mut self.wide, wider, Millis((interval.0 / 8).max(1)))?;
        }
        charge(&mut self.narrow, network, interval)
    }
}

/// A rate per account.
#[derive(Debug)]
pub struct KeyRate<K> {
    keyed: Keyed<K>,
    rate: Rate,
}

impl<K: Copy + Eq + Hash + Ord> KeyRate<K> {
    /// With nothing counted yet.
    pub fn new(rate: Rate) -> Self {
        Self { keyed: Keyed::new(), rate }
    }

    /// Counts an attempt, or says how long to wait for the next one.
    pub fn take(&mut self, key: K, now: Millis) -> Result<(), Millis> {
        let Rate { burst, interval } = self.rate;
        let span = Millis(interval.0 * u64::from(burst));
        let recovered = self.keyed.time(&key, now).max(now).plus(interval);
        match recovered.since(now).since(span) {
            Millis(0) => {
                self.keyed.set(key, recovered, 0);
                Ok(())
            }
            wait => Err(wait),
        }
    }
}

/// Failures per account: some are free, then each doubles the wait for the next.
#[derive(Debug)]
pub struct Backoff<K> {
    keyed: Keyed<K>,
    free: u32,
}

impl<K: Copy + Eq + Hash + Ord> Backoff<K> {
    /// With nothing counted yet.
    pub fn new(free: u32) -> Self {
        Self { keyed: Keyed::new(), free }
    }

    /// Counts an attempt as failed, or says how long to wait for the next one.
    pub fn charge(&mut self, key: K, now: Millis) -> Result<(), Millis> {
        let count = self.keyed.count(&key, now);
        if count > 0 {
            let last = Millis(self.keyed.time(&key, now).0.saturating_sub(MEMORY.0));
            let wait = last.plus(self.wait(count)).since(now);
            if wait > Millis(0) {
                return Err(wait);
            }
        }
        self.keyed.set(key, now.plus(MEMORY), count.saturating_add(1));
        Ok(())
    }

    /// The attempt was none to worry about: forgets what was counted.
    pub fn forgive(&mut self, key: K) {
        self.keyed.remove(&key);
    }

    /// How long the next attempt has to stay away from the last of so many.
    fn wait(&self, count: u32) -> Millis {
        match count.checked_sub(self.free) {
            None => Millis(0),
            Some(over) => Millis(1_000u64.checked_shl(over).unwrap_or(u64::MAX).min(LONGEST.0)),
        }
    }
}

/// Keys with a time at which each can be forgotten, and a count.
#[derive(Debug)]
struct Keyed<K> {
    entries: HashMap<K, (Millis, u32)>,
    by_time: BTreeSet<(Millis, K)>,
}

impl<K: Copy + Eq + Hash + Ord> Keyed<K> {
    fn new() -> Self {
        Self { entries: HashMap::new(), by_time: BTreeSet::new() }
    }

    fn time(&self, key: &K, now: Millis) -> Millis {
        self.live(key, now).map_or(Millis(0), |(time, _)| time)
    }

    fn count(&self, key: &K, now: Millis) -> u32 {
        self.live(key, now).map_or(0, |(_, count)| count)
    }

    fn live(&self, key: &K, now: Millis) -> Option<(Millis, u32)> {
        self.entries.get(key).copied().filter(|(time, _)| *time > now)
    }

    fn set(&mut self, key: K, time: Millis, count: u32) {
        self.remove(&key);
        if self.entries.len() >= KEYS
            && let Some(&(_, first)) = self.by_time.first()
        {
            self.remove(&first);
        }
        self.entries.insert(key, (time, count));
        self.by_time.insert((time, key));
    }

    fn remove(&mut self, key: &K) {
        if let Some((time, _)) = self.entries.remove(key) {
            self.by_time.remove(&(time, *key));
        }
    }
}

/// Keys that one table holds: some 200 bytes each.
const KEYS: usize = 20_000;

/// The longest wait between two attempts.
const LONGEST: Millis = Millis(15 * 60_000);

/// Failures are forgotten when none was added for this long.
const MEMORY: Millis = Millis(24 * 3_600_000);

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn network(text: &str) -> Network {
        Network::of(address(text))
    }

    #[test]
    fn a_network_is_an_address_or_a_64() {
        assert_eq!(network("2001:db8::1"), network("2001:db8::ffff:1:2:3"));
        assert_ne!(network("2001:db8::1"), network("2001:db8:0:1::1"));
        assert_ne!(network("192.0.2.1"), network("192.0.2.2"));
        assert_eq!(network("::ffff:192.0.2.1"), network("192.0.2.1"));
        assert_eq!(network("::1"), network("127.0.0.1"));
    }

    #[test]
    fn a_rate_allows_its_burst_and_then_one_per_interval() {
        let mut rate = NetworkRate::new(Rate::per_minute(10));
        let here = address("192.0.2.1");
        for _ in 0..10 {
            assert_eq!(rate.take(here, Millis(0)), Ok(()));
        }
        assert_eq!(rate.take(here, Millis(0)), Err(Millis(6_000)));
        assert_eq!(rate.take(address("192.0.2.2"), Millis(0)), Ok(()));
        assert_eq!(rate.take(here, Millis(5_999)), Err(Millis(1)));
        assert_eq!(rate.take(here, Millis(6_000)), Ok(()));
        assert_eq!(rate.take(here, Millis(6_000)), Err(Millis(6_000)));
        for _ in 0..10 {
            assert_eq!(rate.take(here, Millis(1_000_000)), Ok(()));
        }
        for _ in 0..1_000 {
            assert_eq!(rate.take(address("127.0.0.1"), Millis(0)), Ok(()));
        }
    }

    #[test]
    fn h31_many_64s_of_one_48_share_eight_times_the_rate() {
        let mut rate = NetworkRate::new(Rate { burst: 10, interval: Millis(6_000) });
        let taken = (0..1_000u32).filter(|n| {
            let address = address(&format!("2001:db8:7:{n:x}::1"));
            rate.take(address, Millis(0)).is_ok()
        });
        assert_eq!(taken.count(), 80);
        assert_eq!(rate.take(address("2001:db8:7::1"), Millis(750)), Ok(()));
    }

    #[test]
    fn h31_failures_double_the_wait_up_to_a_quarter_of_an_hour() {
        let mut backoff = Backoff::new(5);
        let mut now = Millis(1_000_000);
        for _ in 0..5 {
            assert_eq!(backoff.charge('a', now), Ok(()));
        }
        let mut waits = Vec::new();
        for _ in 0..13 {
            let wait = backoff.charge('a', now).unwrap_err();
            waits.push(wait.0 / 1_000);
            now = now.plus(wait);
            assert_eq!(backoff.charge('a', now), Ok(()));
        }
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]);
        assert_eq!(backoff.charge('b', now), Ok(()));
        backoff.forgive('a');
        assert_eq!(backoff.charge('a', now), Ok(()));
    }

    #[test]
    fn failures_are_forgotten_after_a_day() {
        let mut backoff = Backoff::new(1);
        assert_eq!(backoff.charge('a', Millis(0)), Ok(()));
        assert_eq!(backoff.charge('a', Millis(0)), Err(Millis(1_000)));
        assert_eq!(backoff.charge('a', MEMORY), Ok(()));
        assert_eq!(backoff.charge('a', MEMORY), Err(Millis(1_000)));
    }

    #[test]
    fn h31_the_tables_are_bounded() {
        let mut backoff = Backoff::new(5);
        for n in 0..(KEYS as u64 + 10) {
            assert_eq!(backoff.charge(n, Millis(n)), Ok(()));
        }
        assert_eq!(backoff.keyed.entries.len(), KEYS);
        assert_eq!(backoff.keyed.by_time.len(), KEYS);
    }
}
