//! Binding: what address the server sees (RFC 8489, 3).

use super::client::{Client, Now};
use super::reply::{ErrorCode, error, has_unknown, with_unknown};
use super::server::{Server, Verdict};
use crate::pure::stun::{AttributeType, Message};

impl Server {
    pub(super) fn handle_binding(
        &mut self,
        now: Now,
        client: Client,
        message: &Message<'_>,
    ) -> Verdict {
        let answer = if has_unknown(message) {
            with_unknown(message, error(message, ErrorCode::UnknownAttribute))
        } else {
            Self::success(message).xor_address(AttributeType::XOR_MAPPED_ADDRESS, client.address)
        };
        self.send_unproved(now, client, answer)
    }
}
