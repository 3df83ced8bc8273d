//! Accounts and conversations put straight into a store, for benches.

use callbox::pure::e2ee::{Record, Verified};
use callbox::pure::wire::api::Ticket;
use callbox::pure::wire::{Blob, Bundle, Millis, Name, Wrap, WrapId, WrapType};
use callbox::store::{NewAccount, NewControl, NewSession};

use super::{Person, Posted};

/// An account with these keys, and wraps and a bundle that are sealed as far as a server can tell.
pub fn new_account(person: &Person, name: Name, ticket: Ticket, session: NewSession) -> NewAccount {
    let signed = person.record().clone();
    let sealed = |bytes| (Blob::from(vec![1; 12]), Blob::from(vec![1; bytes]));
    let wrap = |kind, id| {
        let (nonce, ct) = sealed(48);
        Wrap { id: WrapId::from_bytes([id; 16]), kind, nonce, ct }
    };
    let (nonce, ct) = sealed(300);
    NewAccount {
        id: person.id(),
        ticket,
        name,
        password: Blob::from(vec![0; 192]),
        record: (Record::first(person.id(), &signed).unwrap(), signed),
        bundle: Bundle { version: 1, nonce, ct },
        wraps: vec![wrap(WrapType::Password, 1), wrap(WrapType::Recovery, 2)],
        recovery_auth_hash: [0; 32],
        now: session.now,
        session,
        everyone: None,
    }
}

/// What a store wants to have of an event.
pub fn event(posted: Posted, now: Millis) -> NewControl {
    let envelope = Verified::stored(posted.envelope.into()).unwrap();
    NewControl { envelope, grants: posted.grants, now }
}
