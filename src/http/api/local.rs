//! What the command line does over the Unix socket. Whoever can open that
//! socket owns the data anyway, so nothing is asked here.
//!
//! The bodies are defined here as well: both ends are this program.

use std::fmt::Display;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use super::{admin, invites};
use crate::http::answer::{self, Answer};
use crate::http::{Request, State, auth, now, trust};
use crate::pure::auth::token::{hash, link_auth};
use crate::pure::wire::api::{AdministerAccount, Invite};
use crate::pure::wire::owner::Act;
use crate::pure::wire::{
    Account, AccountId, ApiError, Blob, ErrorCode, InviteId, Millis, Name, Role,
};
use crate::store::By;
use crate::tls;

/// `GET /admin/v1/accounts`
#[derive(Debug, Serialize, Deserialize)]
pub struct Accounts {
    pub accounts: Vec<Person>,
}

/// An account as the command line sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    pub id: AccountId,
    pub name: Name,
    pub role: Role,
    pub disabled: bool,
}

/// `PATCH /admin/v1/accounts/{id}`: what is absent stays. Answered by [`Person`].
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ChangePerson {
    pub name: Option<Name>,
    pub role: Option<Role>,
    pub disabled: Option<bool>,
}

/// `POST /admin/v1/invites`: a link without keys. Whom it brings in waits for a member's client
/// to be let into Everyone.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewInvite {
    pub valid_for: Millis,
    pub uses: u32,
}

/// A link that was just made; its secret is told only here, once.
#[derive(Debug, Serialize, Deserialize)]
pub struct Link {
    pub link: String,
    pub expires: Millis,
}

/// `GET /admin/v1/invites`
#[derive(Debug, Serialize, Deserialize)]
pub struct InviteRows {
    pub invites: Vec<InviteRow>,
}

/// An invite as the command line sees it.
#[derive(Debug, Serialize, Deserialize)]
pub struct InviteRow {
    pub id: InviteId,
    pub by: Option<Name>,
    pub expires: Millis,
    pub uses: u32,
    pub max_uses: u32,
    pub revoked: bool,
}

/// `GET /admin/v1/certificates`
#[derive(Debug, Serialize, Deserialize)]
pub struct CertificateReports {
    pub certificates: Vec<tls::Report>,
}

pub(super) async fn certificates(state: Arc<State>, _: Request) -> Answer {
    Ok(answer::json(&CertificateReports { certificates: state.certificates.report() }))
}

/// `GET /admin/v1/ca`: the authority with which this server vouches for itself.
#[derive(Debug, Serialize, Deserialize)]
pub struct Authority {
    #[serde(flatten)]
    pub report: tls::AuthorityReport,
    /// Where devices come to trust it; nothing when only this computer can connect, or
    /// others vouch for the pages.
    pub page: Option<String>,
}

pub(super) async fn authority(state: Arc<State>, _: Request) -> Answer {
    let local = state.certificates.local();
    let local = local.ok_or(ApiError::new(ErrorCode::NotFound, "there is no authority"))?;
    let page = state.facts.own_authority.then(|| trust::page_at(&state.site)).flatten();
    Ok(answer::json(&Authority { report: local.report(), page }))
}

/// `POST /admin/v1/ca/rotate`, answered by the new one.
pub(super) async fn rotate(state: Arc<State>, request: Request) -> Answer {
    let certificates = state.certificates.clone();
    // Keys are made, and written to the disk.
    let rotated = tokio::task::spawn_blocking(move || certificates.rotate(now())).await;
    if let Ok(Err(error)) = rotated {
        let error: &dyn std::error::Error = &error;
        tracing::error!(error, "cannot make a new authority; the old one stays");
        return Err(ApiError::new(ErrorCode::Unavailable, "not now"));
    }
    if state.certificates.local().is_some() {
        // Afterwards: files are in no transaction, and what is in the log was done.
        state.store.note(here(), Act::AuthorityReplaced).await??;
    }
    authority(state, request).await
}

/// `GET /admin/v1/relay`, answered as to a browser.
pub(super) async fn relay(state: Arc<State>, _: Request) -> Answer {
    Ok(answer::json(&state.relay.read()))
}

pub(super) async fn accounts(state: Arc<State>, _: Request) -> Answer {
    let accounts = state.store.directory().await?.accounts;
    Ok(answer::json(&Accounts { accounts: accounts.into_iter().map(Person::from).collect() }))
}

pub(super) async fn change(state: Arc<State>, mut request: Request) -> Answer {
    let id: AccountId = request.parameter(0)?;
    let ChangePerson { name, role, disabled } = request.json().await?;
    let change = AdministerAccount { role, disabled, name };
    let account = admin::administer(state, id, change, here()).await?;
    Ok(answer::json(&Person::from(account)))
}

/// `POST /admin/v1/accounts/{id}/sign-out`
pub(super) async fn sign_out(state: Arc<State>, request: Request) -> Answer {
    admin::end_sessions(state, request.parameter(0)?, None, here()).await
}

/// `POST /admin/v1/accounts/{id}/reset`, answered by [`Link`].
pub(super) async fn reset(state: Arc<State>, request: Request) -> Answer {
    let created = admin::make_reset(&state, request.parameter(0)?, here()).await?;
    let link = link(&state, "reset", &created.reset, &created.secret);
    Ok(answer::json(&Link { link, expires: created.expires }))
}

/// In the owner's name; answered by [`Link`].
pub(super) async fn invite(state: Arc<State>, mut request: Request) -> Answer {
    let NewInvite { valid_for, uses } = request.json().await?;
    let accounts = state.store.directory().await?.accounts;
    let owner = accounts.iter().find(|account| account.role == Role::Owner);
    let owner = owner.ok_or(ApiError::new(ErrorCode::SetupRequired, "not set up yet"))?;
    let id = InviteId::from_bytes(auth::random());
    let invite = invites::new_invite(id, owner.id, valid_for, uses)?;
    let expires = invite.expires;
    let secret: [u8; 32] = auth::random();
    state.store.create_invite(invite, hash(&link_auth(id, &secret)), None).await??;
    let link = link(&state, "j", &id, &Blob::from(secret.to_vec()));
    Ok(answer::json(&Link { link, expires }))
}

pub(super) async fn invites(state: Arc<State>, _: Request) -> Answer {
    let accounts = state.store.directory().await?.accounts;
    let row = |invite: Invite| InviteRow {
        id: invite.id,
        by: accounts.iter().find(|a| a.id == invite.by).map(|a| a.name.clone()),
        expires: invite.expires,
        uses: invite.uses,
        max_uses: invite.max_uses,
        revoked: invite.revoked,
    };
    let invites = state.store.invites(None).await?.into_iter().map(row).collect();
    Ok(answer::json(&InviteRows { invites }))
}

/// `DELETE /admin/v1/invites/{id}`
pub(super) async fn revoke_invite(state: Arc<State>, request: Request) -> Answer {
    let rotations = state.store.revoke_invite(request.parameter(0)?, None, here()).await??;
    state.hub.rotation_required(rotations);
    Ok(answer::empty())
}

impl From<Account> for Person {
    fn from(account: Account) -> Self {
        let Account { id, name, role, disabled, avatar: _, record: _ } = account;
        Self { id, name, role, disabled }
    }
}

/// Whom the log names: nobody but the server itself.
pub(super) fn here() -> By {
    By { account: None, now: now() }
}

/// The secret stands in the fragment, which no browser sends to anyone.
fn link(state: &State, path: &str, id: &impl Display, secret: &Blob) -> String {
    format!("{}/{path}/{id}#{}", state.site, URL_SAFE_NO_PAD.encode(secret))
}
