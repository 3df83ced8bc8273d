//! What went wrong with an order, and how long to leave the ACME server alone.

use std::time::Duration;

use rustls_acme::OrderError;
use rustls_acme::acme::{AcmeError, Problem};
use serde::Deserialize;

/// Why an order came to nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) kind: Kind,
    /// In the words of whoever refused.
    pub(super) reason: String,
}

/// Kinds of faults, by what helps against them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Not reached, no answer, or none that makes sense: it may get over it.
    Network,
    /// A nonce was used up (RFC 8555 section 6.5): the next one may do.
    Nonce,
    /// Too many orders (RFC 8555 section 6.6).
    Limited,
    /// The name was not found to be ours, or is not wanted. Such tries are counted.
    Refused,
}

/// Counts what went wrong one after the other; forgotten with the next certificate.
#[derive(Debug, Default)]
pub(super) struct Patience {
    nonces: u32,
    network: u32,
    refused: u32,
}

impl Patience {
    /// How long to wait after this.
    pub(super) fn after(&mut self, kind: Kind) -> Duration {
        match kind {
            Kind::Nonce if self.nonces < NONCES => {
                self.nonces += 1;
                Duration::ZERO
            }
            Kind::Network | Kind::Nonce => {
                let wait = NETWORK.saturating_mul(1 << self.network.min(16));
                self.network += 1;
                wait.min(NETWORK_MOST)
            }
            Kind::Refused => {
                // Let's Encrypt takes five of these an hour, for each name.
                let wait = REFUSED.saturating_mul(1 << self.refused.min(5));
                self.refused += 1;
                wait
            }
            Kind::Limited => LIMITED,
        }
    }
}

impl Kind {
    /// From the type of a problem (RFC 8555 section 6.7) or, if it has none, the status of the answer.
    pub(super) fn of(problem: &str, status: Option<u16>) -> Self {
        match problem.strip_prefix(ERRORS) {
            Some("badNonce") => Self::Nonce,
            Some("rateLimited") => Self::Limited,
            // The account is then made anew.
            Some("serverInternal" | "accountDoesNotExist") => Self::Network,
            Some(_) => Self::Refused,
            None if status == Some(429) => Self::Limited,
            None => Self::Network,
        }
    }
}

impl Fault {
    /// What rustls-acme says of it.
    pub(super) fn of(error: &OrderError) -> Self {
        match error {
            OrderError::Acme(AcmeError::HttpRequest(error)) => Self::of_request(&error.to_string()),
            OrderError::Acme(AcmeError::NoTlsAlpn01Challenge | AcmeError::NoHttp01Challenge) => {
                Self::new(Kind::Refused, "the ACME server offers no such challenge")
            }
            OrderError::BadAuth(auth) => {
                let said = auth.challenges.iter().find_map(|challenge| challenge.error.as_ref());
                Self::new(Kind::Refused, said.map_or("the name was not proved".into(), text))
            }
            OrderError::BadOrder(order) => {
                let said = order.error.as_ref();
                Self::new(Kind::Refused, said.map_or("the order was refused".into(), text))
            }
            OrderError::TooManyAttemptsAuth(_) => {
                Self::new(Kind::Refused, "the ACME server does not come to look at the name")
            }
            OrderError::Acme(error) => Self::new(Kind::Network, error.to_string()),
            OrderError::Rcgen(error) => Self::new(Kind::Refused, error.to_string()),
            OrderError::ProcessingTimeout(_) => {
                Self::new(Kind::Network, "the ACME server does not finish the order")
            }
        }
    }

    pub(super) fn new(kind: Kind, reason: impl Into<String>) -> Self {
        let mut reason: String = reason.into();
        if let Some((end, _)) = reason.char_indices().nth(LONGEST) {
            reason.truncate(end);
        }
        Self { kind, reason: reason.replace(char::is_control, " ") }
    }

    /// The type of these errors is private; their text has status and body.
    fn of_request(said: &str) -> Self {
        let Some((status, body)) =
            said.strip_prefix("non 2xx http status: ").and_then(|rest| rest.split_once(' '))
        else {
            return Self::new(Kind::Network, innermost(said));
        };
        // It is written as a literal of Rust, which is nearly one of JSON.
        let problem = serde_json::from_str::<String>(body)
            .ok()
            .and_then(|body| serde_json::from_str::<Said>(&body).ok());
        let said = problem.as_ref().map_or("", |said| &said.kind);
        let kind = Kind::of(said, status.parse().ok());
        let detail = problem.map(|said| said.detail).filter(|detail| !detail.is_empty());
        let reason = detail.unwrap_or_else(|| format!("the ACME server answered {status}"));
        Self::new(kind, reason)
    }
}

/// RFC 7807, as far as it is needed.
#[derive(Deserialize)]
struct Said {
    #[serde(rename = "type", default)]
    kind: String,
    #[serde(default)]
    detail: String,
}

fn text(problem: &Problem) -> String {
    problem.detail.clone().or(problem.typ.clone()).unwrap_or_default()
}

/// What the system said, out of an error's debugging text.
fn innermost(said: &str) -> &str {
    let message = said.split_once("message: \"").and_then(|(_, rest)| rest.split_once('"'));
    message.map_or(said, |(message, _)| message)
}

const ERRORS: &str = "urn:ietf:params:acme:error:";

const NONCES: u32 = 10;
const NETWORK: Duration = Duration::from_secs(5);
const NETWORK_MOST: Duration = Duration::from_secs(20 * 60);
const REFUSED: Duration = Duration::from_secs(2 * 60);
const LIMITED: Duration = Duration::from_secs(3600);
const LONGEST: usize = 300;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn h18_faults_are_waited_for_by_their_kind() {
        let mut patience = Patience::default();
        let mut waits = |kind, n: usize| -> Vec<u64> {
            (0..n).map(|_| patience.after(kind).as_secs()).collect()
        };
        assert_eq!(waits(Kind::Nonce, 12), [[0; 10].as_slice(), &[5, 10]].concat());
        assert_eq!(waits(Kind::Network, 3), [20, 40, 80]);
        assert_eq!(waits(Kind::Network, 30).last(), Some(&1200));
        assert_eq!(waits(Kind::Refused, 8), [120, 240, 480, 960, 1920, 3840, 3840, 3840]);
        assert_eq!(waits(Kind::Limited, 2), [3600, 3600]);
    }

    #[test]
    fn the_kind_is_read_from_what_the_server_said() {
        let request = |status: u16, body: &str| {
            Fault::of_request(&format!("non 2xx http status: {status} {body:?}"))
        };
        let problem = |kind: &str| {
            format!(
                "{{\n  \"type\": \"urn:ietf:params:acme:error:{kind}\", \"detail\": \"it's \\\"so\\\"\"}}"
            )
        };
        for (kind, status, body) in [
            (Kind::Nonce, 400, problem("badNonce")),
            (Kind::Limited, 429, problem("rateLimited")),
            (Kind::Limited, 429, "slow down".to_owned()),
            (Kind::Network, 500, problem("serverInternal")),
            (Kind::Network, 503, "<html>\n".to_owned()),
            (Kind::Refused, 400, problem("rejectedIdentifier")),
            (Kind::Refused, 403, problem("unauthorized")),
        ] {
            assert_eq!(request(status, &body).kind, kind, "{status} {body}");
        }
        assert_eq!(request(400, &problem("malformed")).reason, "it's \"so\"");
        assert_eq!(request(503, "").reason, "the ACME server answered 503");
        let refused =
            "io error: Os { code: 111, kind: ConnectionRefused, message: \"Connection refused\" }";
        let fault = Fault::of_request(refused);
        assert_eq!(fault, Fault { kind: Kind::Network, reason: "Connection refused".into() });
    }
}
