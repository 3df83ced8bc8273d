//! Invite links: making, checking, listing and revoking them.

use std::sync::Arc;

use crate::http::answer::{self, Answer};
use crate::http::state::now;
use crate::http::{Request, State, auth};
use crate::pure::auth::token::hash;
use crate::pure::wire::api::{
    CheckInvite, CheckedInvite, CreateInvite, CreatedInvite, Invite, Invites,
};
use crate::pure::wire::{AccountId, ApiError, Blob, ErrorCode, InviteId, Millis, Role};

/// `POST /invites/check`
pub(super) async fn check(state: Arc<State>, mut request: Request) -> Answer {
    state.auth.lookup(request.context.client, now())?;
    let CheckInvite { invite, secret } = request.json().await?;
    let by = state.store.check_invite(invite, &hash(secret.as_ref()), now()).await?;
    let by = by.ok_or(ApiError::new(ErrorCode::NotFound, "the link is not good"))?;
    Ok(answer::json(&CheckedInvite { by }))
}

/// `POST /invites`
pub(super) async fn create(state: Arc<State>, mut request: Request) -> Answer {
    let session = state.session(&request).await?;
    let wanted = request.json().await?;
    Ok(answer::json(&make(&state, session.account.id, wanted).await?))
}

/// `GET /invites`
pub(super) async fn list(state: Arc<State>, request: Request) -> Answer {
    let account = state.session(&request).await?.account;
    let by = (account.role < Role::Admin).then_some(account.id);
    Ok(answer::json(&Invites { invites: state.store.invites(by).await? }))
}

/// `DELETE /invites/{id}`
pub(super) async fn revoke(state: Arc<State>, request: Request) -> Answer {
    let account = state.session(&request).await?.account;
    let by = (account.role < Role::Admin).then_some(account.id);
    state.store.revoke_invite(request.parameter(0)?, by).await??;
    Ok(answer::empty())
}

/// Makes an invite in somebody's name.
pub(super) async fn make(
    state: &State,
    by: AccountId,
    wanted: CreateInvite,
) -> Result<CreatedInvite, ApiError> {
    let CreateInvite { valid_for, uses } = wanted;
    if !(SHORTEST..=LONGEST).contains(&valid_for) || !(1..=MOST_USES).contains(&uses) {
        return Err(ApiError::new(ErrorCode::BadRequest, "5 minutes to 90 days, 1 to 1000 uses"));
    }
    let secret: [u8; 32] = auth::random();
    let created = now();
    let invite = Invite {
        id: InviteId::from_bytes(auth::random()),
        by,
        created,
        expires: created.plus(valid_for),
        uses: 0,
        max_uses: uses,
        revoked: false,
    };
    state.store.create_invite(invite.clone(), hash(&secret)).await??;
    Ok(CreatedInvite { invite, secret: Blob::from(secret.to_vec()) })
}

const SHORTEST: Millis = Millis(5 * 60_000);
const LONGEST: Millis = Millis(90 * 24 * 3_600_000);
const MOST_USES: u32 = 1_000;
