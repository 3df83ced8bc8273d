//! One name: its certificate, and how getting the next one goes.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustls::sign::CertifiedKey;

use super::proof::Proof;
use crate::pure::wire::Millis;
use crate::tls::certificate::{Certificate, now};

/// Shared between the one who orders and the handshakes.
#[derive(Debug)]
pub(in crate::tls) struct Name {
    pub(in crate::tls) name: String,
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    live: Option<Certificate>,
    /// What the ACME server will look for while an order is under way.
    proof: Option<Proof>,
    trouble: Option<Trouble>,
}

/// Why there is no new certificate yet.
#[derive(Debug, Clone)]
pub(in crate::tls) struct Trouble {
    pub(in crate::tls) reason: String,
    pub(in crate::tls) next_try: Millis,
}

impl Name {
    /// A name, with the certificate of an earlier run.
    pub(super) fn new(name: &str, live: Option<Certificate>) -> Self {
        let held = Held { live, ..Held::default() };
        let name = Self { name: name.to_owned(), held: Mutex::new(held) };
        name.tell();
        name
    }

    /// Whether it is an address.
    pub(in crate::tls) fn is_address(&self) -> bool {
        self.name.parse::<IpAddr>().is_ok()
    }

    /// Whether an ACME server that asks for this means it: an address is asked for backwards (RFC 8738
    /// section 6).
    pub(in crate::tls) fn is_looked_for_as(&self, asked: &str) -> bool {
        let reverse = match self.name.parse() {
            Ok(IpAddr::V4(ip)) => {
                let [a, b, c, d] = ip.octets();
                format!("{d}.{c}.{b}.{a}.in-addr.arpa")
            }
            Ok(IpAddr::V6(ip)) => {
                let digits = format!("{:032x}", ip.to_bits());
                let digits: String = digits.chars().rev().flat_map(|digit| [digit, '.']).collect();
                format!("{digits}ip6.arpa")
            }
            Err(_) => return asked.eq_ignore_ascii_case(&self.name),
        };
        asked.eq_ignore_ascii_case(&reverse)
    }

    /// For handshakes. An expired one, too: browsers then say what is the matter.
    pub(in crate::tls) fn certificate(&self) -> Option<Arc<CertifiedKey>> {
        self.held().live.as_ref().map(|live| Arc::clone(&live.key))
    }

    /// For an ACME server's look.
    pub(in crate::tls) fn proof(&self) -> Option<Proof> {
        self.held().proof.clone()
    }

    /// The end of the certificate in use.
    pub(in crate::tls) fn until(&self) -> Option<Millis> {
        self.held().live.as_ref().map(|live| live.until)
    }

    /// What stands in the way of the next one.
    pub(in crate::tls) fn trouble(&self) -> Option<Trouble> {
        self.held().trouble.clone()
    }

    /// How long nothing needs doing.
    pub(super) fn rest(&self) -> Millis {
        self.held().live.as_ref().map_or(Millis(0), |live| live.due.since(now()))
    }

    pub(super) fn set_proof(&self, proof: Option<Proof>) {
        self.held().proof = proof;
    }

    pub(super) fn set_trouble(&self, trouble: Trouble) {
        self.held().trouble = Some(trouble);
    }

    /// Uses a new certificate for all handshakes from now on.
    pub(super) fn renew(&self, certificate: Certificate) {
        *self.held() = Held { live: Some(certificate), ..Held::default() };
        self.tell();
    }

    fn tell(&self) {
        if let Some(until) = self.until() {
            let seconds = until.0 as f64 / 1000.0;
            metrics::gauge!("callbox_certificate_not_after_seconds", "name" => self.name.clone())
                .set(seconds);
        }
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_looked_for_backwards() {
        let asked = |name: &str, asked: &str| Name::new(name, None).is_looked_for_as(asked);
        assert!(asked("chat.example", "Chat.example"));
        assert!(!asked("chat.example", "chat.example.org"));
        assert!(asked("203.0.113.7", "7.113.0.203.in-addr.arpa"));
        assert!(!asked("203.0.113.7", "203.0.113.7"));
        let six = "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa";
        assert!(asked("2001:db8::1", six));
    }
}
