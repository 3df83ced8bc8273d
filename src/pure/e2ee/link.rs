//! Links: whoever holds the secret in one's fragment may join or ask to be let
//! in, and proves it by a signature with a key derived from that secret.

use super::{Hash, Signature, VerifyKey, label};
use crate::pure::wire::{AccountId, ConversationId, LinkId};

/// Whether a link's key signed that this account, with this key, joins by the control event of this index.
#[must_use]
pub fn verify_join(
    link: &VerifyKey,
    conversation: ConversationId,
    index: u32,
    account: AccountId,
    identity: &Hash,
    signature: &Signature,
) -> bool {
    let parts = [
        conversation.as_bytes().as_slice(),
        &index.to_be_bytes(),
        account.as_bytes(),
        identity.as_bytes(),
    ];
    link.verify(&label::signed("join", &parts), signature)
}

/// Whether a link's key signed that this account, with this key, asks to be let in.
#[must_use]
pub fn verify_knock(
    sign: &VerifyKey,
    link: LinkId,
    conversation: ConversationId,
    account: AccountId,
    identity: &Hash,
    signature: &Signature,
) -> bool {
    let parts = [
        link.as_bytes().as_slice(),
        conversation.as_bytes(),
        account.as_bytes(),
        identity.as_bytes(),
    ];
    sign.verify(&label::signed("knock", &parts), signature)
}
