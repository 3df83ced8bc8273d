//! Passkeys: signing in and confirming who one is by an authenticator, and the
//! list of those that may.
//!
//! No attestation and no assertion of WebAuthn comes here: what a passkey proves
//! it proves by a signature with a key that its PRF output gives. A credential
//! that nobody has is answered like a signature that is wrong.

use std::sync::Arc;

use super::session::SignIn;
use super::{keys, require_recent_proof, to_the_end};
use crate::http::answer::{self, Answer};
use crate::http::state::now;
use crate::http::{Request, State, auth};
use crate::pure::e2ee::VerifyKey;
use crate::pure::wire::api::Keys;
use crate::pure::wire::passkey::{
    AddPasskey, PasskeyEntered, PasskeyFinish, PasskeyProof, Passkeys, RenamePasskey,
};
use crate::pure::wire::{ApiError, DeviceId, ErrorCode, WrapId, WrapType, limits};
use crate::store::{KnownPasskey, NewPasskey, Refusal};

/// `POST /passkeys/start`
pub(super) async fn start(state: Arc<State>, request: Request) -> Answer {
    Ok(answer::json(&state.auth.start_passkey(request.context.client, now())?))
}

/// `POST /passkeys/finish`
pub(super) async fn finish(state: Arc<State>, mut request: Request) -> Answer {
    let PasskeyFinish { request: begun, credential, signature, device_name } =
        request.json().await?;
    let proof = PasskeyProof { request: begun, credential, signature };
    let KnownPasskey { id, account, disabled, .. } = proved(&state, &request, &proof).await?;
    if disabled {
        return Err(ApiError::new(ErrorCode::Forbidden, "the account is disabled"));
    }
    let device = DeviceId::from_bytes(auth::random());
    let sign_in = SignIn::new(&request, account, device, device_name);
    to_the_end(async move {
        let new = sign_in.stored();
        let token_hash = new.token_hash;
        let ended = state.store.sign_in_by_passkey(id, account, new).await?;
        state.hub.sessions_ended(ended.map_err(|refusal| match refusal {
            Refusal::NotFound => GONE,
            other => other.into(),
        })?);
        let stored = state.store.keys(account).await?.ok_or(GONE)?;
        let wraps = stored.wraps.into_iter().filter(|wrap| wrap.id == id).collect();
        let (records, bundle, settings) = (stored.records, stored.bundle, stored.settings);
        let keys = Keys { records, bundle, wraps: Some(wraps), settings };
        let session = state.store.session(&token_hash, now()).await?;
        let session = session.ok_or(ApiError::new(ErrorCode::Unauthorized, "signed out again"))?;
        let session = sign_in.session(session.account, session.settings);
        let entered = answer::json(&PasskeyEntered { session, keys });
        Ok(sign_in.with_cookies(&state, entered))
    })
    .await
}

/// `POST /passkeys/confirm`
pub(super) async fn confirm(state: Arc<State>, mut request: Request) -> Answer {
    let session = state.session(&request).await?;
    let proof: PasskeyProof = request.json().await?;
    if proved(&state, &request, &proof).await?.account != session.account.id {
        return Err(ApiError::new(ErrorCode::Unauthorized, "the passkey of somebody else"));
    }
    state.store.prove(session.id, now()).await??;
    Ok(answer::empty())
}

/// `GET /passkeys`
pub(super) async fn list(state: Arc<State>, request: Request) -> Answer {
    let session = state.session_above_guest(&request).await?;
    let passkeys = state.store.passkeys(session.account.id).await?;
    Ok(answer::json(&Passkeys { passkeys }))
}

/// `POST /passkeys`
pub(super) async fn add(state: Arc<State>, mut request: Request) -> Answer {
    let session = state.session_above_guest(&request).await?;
    require_recent_proof(&session, now())?;
    let AddPasskey { credential, name, sign, wrap, bundle_version } = request.json().await?;
    if wrap.kind != WrapType::Prf {
        return Err(ApiError::new(ErrorCode::BadRequest, "not a wrap for a passkey"));
    }
    keys::check_wrap(&wrap)?;
    if !limits::CREDENTIAL_BYTES.contains(&credential.len()) {
        return Err(ApiError::new(ErrorCode::BadRequest, "not a credential id"));
    }
    let signs = sign.as_ref().try_into().ok().and_then(|bytes| VerifyKey::new(bytes).ok());
    let signs = signs.ok_or(ApiError::new(ErrorCode::BadRequest, "not a public key"))?;
    let (account, now) = (session.account.id, now());
    let new = NewPasskey { account, credential, name, signs, wrap, bundle_version, now };
    let passkey = state.store.add_passkey(new).await??;
    tracing::info!(%account, "a passkey was added");
    Ok(answer::json(&passkey))
}

/// `PATCH /passkeys/{id}`
pub(super) async fn rename(state: Arc<State>, mut request: Request) -> Answer {
    let session = state.session_above_guest(&request).await?;
    let passkey: WrapId = request.parameter(0)?;
    let RenamePasskey { name } = request.json().await?;
    state.store.rename_passkey(session.account.id, passkey, name).await??;
    Ok(answer::empty())
}

/// `DELETE /passkeys/{id}`: needs no proof, since it only takes away.
pub(super) async fn remove(state: Arc<State>, request: Request) -> Answer {
    let session = state.session_above_guest(&request).await?;
    let (account, passkey): (_, WrapId) = (session.account.id, request.parameter(0)?);
    state.store.remove_passkey(account, passkey).await??;
    tracing::info!(%account, "a passkey was removed");
    Ok(answer::empty())
}

/// The passkey that has signed.
async fn proved(
    state: &State,
    request: &Request,
    proof: &PasskeyProof,
) -> Result<KnownPasskey, ApiError> {
    let known = state.store.passkey(proof.credential.clone()).await?;
    state.auth.finish_passkey(request.context.client, proof, known, now())
}

/// Between its proof and what that leads to, somebody has removed it.
const GONE: ApiError = ApiError::new(ErrorCode::Unauthorized, "the passkey is gone");
