//! How much one client, session, address or all together may use.

use crate::pure::wire::Millis;

/// Limits of a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Allocations in all.
    pub allocations: usize,
    /// Allocations of one session: a browser makes one for each connection,
    /// interface and URL.
    pub allocations_per_session: usize,
    /// Allocations from one IP address.
    pub allocations_per_ip: usize,
    /// Channels of one allocation.
    pub channels: usize,
    /// Permissions of one allocation.
    pub permissions: usize,
    /// Answers per second to one IP address that has proved nothing.
    pub unauthenticated_replies: u32,
    /// Answers per minute to wrong credentials from one IP address; one more
    /// silences such answers for a minute.
    pub authentication_failures: u32,
    /// Bits per second that one allocation may send, and as many to receive.
    pub allocation_rate: u64,
    /// Bits per second that all allocations of a session may send.
    pub session_rate: u64,
    /// Bits per second in all.
    pub total_rate: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            allocations: 4096,
            allocations_per_session: 64,
            allocations_per_ip: 256,
            channels: 64,
            permissions: 256,
            unauthenticated_replies: 20,
            authentication_failures: 10,
            allocation_rate: 4_000_000,
            session_rate: 20_000_000,
            total_rate: 1_000_000_000,
        }
    }
}

/// LIFETIME that an allocation gets when the client asks for less or nothing.
pub(super) const DEFAULT_LIFETIME: u32 = 600;
/// The longest LIFETIME, in seconds.
pub(super) const MAX_LIFETIME: u32 = 3600;
/// How long a permission lasts (RFC 8656, 9).
pub(super) const PERMISSION_LIFETIME: Millis = Millis(300_000);
/// How long a channel lasts (RFC 8656, 12).
pub(super) const CHANNEL_LIFETIME: Millis = Millis(600_000);
/// Sessions that one call may see; each has an address of 198.51.100.0/24.
pub(super) const LEGS_PER_CALL: usize = 254;
