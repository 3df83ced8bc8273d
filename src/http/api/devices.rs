//! The devices of an account.

use std::sync::Arc;

use super::{require_recent_proof, to_the_end};
use crate::http::answer::{self, Answer};
use crate::http::state::now;
use crate::http::{Request, State};
use crate::pure::wire::DeviceId;
use crate::pure::wire::api::Devices;

/// `GET /devices`
pub(super) async fn list(state: Arc<State>, request: Request) -> Answer {
    let session = state.session(&request).await?;
    let devices = state.store.devices(session.account.id, session.device).await?;
    Ok(answer::json(&Devices { devices }))
}

/// `DELETE /devices/{id}`
pub(super) async fn revoke(state: Arc<State>, request: Request) -> Answer {
    let session = state.session(&request).await?;
    let device: DeviceId = request.parameter(0)?;
    if device != session.device {
        require_recent_proof(&session, now())?;
    }
    to_the_end(async move {
        let ended = state.store.end_device(session.account.id, device).await??;
        state.hub.sessions_ended(ended);
        Ok(answer::empty())
    })
    .await
}

/// `POST /devices/sign-out-others`
pub(super) async fn sign_out_others(state: Arc<State>, request: Request) -> Answer {
    let session = state.session(&request).await?;
    require_recent_proof(&session, now())?;
    to_the_end(async move {
        let ended = state.store.end_other_devices(session.account.id, session.device).await??;
        state.hub.sessions_ended(ended);
        Ok(answer::empty())
    })
    .await
}
