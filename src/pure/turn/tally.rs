//! What a server counts: allocations made, and proofs that it did not accept.
//! Plain numbers that only rise; who wants to know them reads them.

/// The numbers of one server.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// Allocations made.
    pub allocations: u64,
    /// Requests without a proof that holds, by [`Failure`].
    pub failures: [u64; Failure::ALL.len()],
    /// Challenges that were not sent, as their sources had had their share.
    pub suppressed: u64,
}

/// Why a request does not prove who sent it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Failure {
    /// No proof at all, as every client begins.
    Missing,
    /// A proof without name, realm or nonce.
    Incomplete,
    /// A nonce of another time, client or server.
    StaleNonce,
    /// Algorithms that were not offered, or an offer that was changed.
    Algorithm,
    /// Another realm.
    Realm,
    /// A name that nobody has.
    User,
    /// The proof is wrong.
    Password,
    /// Right, but it has expired.
    Expired,
    /// Right, but it was taken back.
    Revoked,
    /// Right, but for an allocation that another made.
    Owner,
}

impl Failure {
    /// Every reason, for counters.
    pub const ALL: [Self; 10] = [
        Self::Missing,
        Self::Incomplete,
        Self::StaleNonce,
        Self::Algorithm,
        Self::Realm,
        Self::User,
        Self::Password,
        Self::Expired,
        Self::Revoked,
        Self::Owner,
    ];

    /// The reason in one word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Incomplete => "incomplete",
            Self::StaleNonce => "stale_nonce",
            Self::Algorithm => "algorithm",
            Self::Realm => "realm",
            Self::User => "user",
            Self::Password => "password",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
            Self::Owner => "owner",
        }
    }
}

impl Tally {
    /// A request did not prove who sent it.
    pub(super) fn fail(&mut self, failure: Failure) {
        self.failures[failure as usize] += 1;
    }
}
