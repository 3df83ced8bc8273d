//! Answers: successes, refusals and challenges.

use super::authentication::Identity;
use super::authentication::OFFER;
use super::client::{Client, Link, Now};
use super::server::{DropReason, Output, Server, Verdict};
use crate::pure::stun::{AttributeType, Class, Message, Writer};

/// The error codes in use (RFC 8489, 14.8; RFC 8656, 19).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ErrorCode {
    BadRequest = 400,
    Unauthenticated = 401,
    Forbidden = 403,
    UnknownAttribute = 420,
    AllocationMismatch = 437,
    StaleNonce = 438,
    AddressFamilyNotSupported = 440,
    WrongCredentials = 441,
    UnsupportedTransport = 442,
    PeerAddressFamilyMismatch = 443,
    AllocationQuotaReached = 486,
    InsufficientCapacity = 508,
}

impl Server {
    /// Starts a success.
    pub(super) fn success(message: &Message<'_>) -> Writer {
        Writer::new(Class::Success, message.method(), message.transaction())
    }

    /// Protects an answer as its request was, and sends it.
    pub(super) fn send(&mut self, to: Client, identity: &Identity, answer: Writer) -> Verdict {
        let message = identity.protect(answer).finish();
        self.outputs.push_back(Output::Send { to, message });
        Verdict::Handled
    }

    /// Refuses a request of someone who has proved who it is.
    pub(super) fn refuse(
        &mut self,
        to: Client,
        identity: &Identity,
        message: &Message<'_>,
        code: ErrorCode,
    ) -> Verdict {
        self.send(to, identity, error(message, code))
    }

    /// Refuses a request with unknown attributes, naming them.
    pub(super) fn refuse_unknown(
        &mut self,
        to: Client,
        identity: &Identity,
        message: &Message<'_>,
    ) -> Verdict {
        let answer = with_unknown(message, error(message, ErrorCode::UnknownAttribute));
        self.send(to, identity, answer)
    }

    /// Asks for credentials: 401 or 438 with realm and nonce.
    pub(super) fn challenge(
        &mut self,
        now: Now,
        to: Client,
        message: &Message<'_>,
        code: ErrorCode,
    ) -> Verdict {
        // Over UDP an answer to a stranger must be small.
        let offered = matches!(to.link, Link::Stream(_));
        let nonce = self.nonces.issue(now.at, to.address, offered);
        let mut answer = error(message, code)
            .attribute(AttributeType::REALM, self.realm.as_bytes())
            .attribute(AttributeType::NONCE, &nonce);
        if offered {
            answer = answer.attribute(AttributeType::PASSWORD_ALGORITHMS, &OFFER);
        }
        let verdict = self.send_unproved(now, to, answer);
        if let Verdict::Drop(_) = verdict {
            self.tally.suppressed += 1;
        }
        verdict
    }

    /// Answers someone who has proved nothing, unless it has had its share.
    pub(super) fn send_unproved(&mut self, now: Now, to: Client, answer: Writer) -> Verdict {
        if !self.replies.admit(now.at, to.address.ip()) {
            return Verdict::Drop(DropReason::Throttled);
        }
        self.outputs.push_back(Output::Send { to, message: answer.finish() });
        Verdict::Handled
    }
}

/// Starts a refusal.
pub(super) fn error(message: &Message<'_>, code: ErrorCode) -> Writer {
    Writer::new(Class::Error, message.method(), message.transaction()).error_code(code as u16)
}

/// Names the attributes that made the refusal.
pub(super) fn with_unknown(message: &Message<'_>, answer: Writer) -> Writer {
    let types: Vec<u8> = unknown(message).flat_map(|kind| kind.0.to_be_bytes()).collect();
    answer.attribute(AttributeType::UNKNOWN_ATTRIBUTES, &types)
}

/// Whether a message has attributes that must be understood and are not.
pub(super) fn has_unknown(message: &Message<'_>) -> bool {
    unknown(message).next().is_some()
}

fn unknown(message: &Message<'_>) -> impl Iterator<Item = AttributeType> {
    message
        .attributes()
        .map(|attribute| attribute.kind)
        .filter(|kind| kind.is_comprehension_required() && !KNOWN.contains(kind))
}

const KNOWN: [AttributeType; 14] = [
    AttributeType::USERNAME,
    AttributeType::USERHASH,
    AttributeType::PASSWORD_ALGORITHM,
    AttributeType::MESSAGE_INTEGRITY,
    AttributeType::MESSAGE_INTEGRITY_SHA256,
    AttributeType::REALM,
    AttributeType::NONCE,
    AttributeType::LIFETIME,
    AttributeType::CHANNEL_NUMBER,
    AttributeType::XOR_PEER_ADDRESS,
    AttributeType::DATA,
    AttributeType::REQUESTED_ADDRESS_FAMILY,
    AttributeType::REQUESTED_TRANSPORT,
    AttributeType::XOR_MAPPED_ADDRESS,
];
