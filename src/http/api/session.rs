//! Who is signed in here, and how a sign-in is answered.

use std::sync::Arc;

use http::header;

use crate::http::answer::{self, Answer, Response};
use crate::http::auth::random_token;
use crate::http::state::now;
use crate::http::{Context, Request, State, auth, cookie};
use crate::pure::auth::token::{DeviceMark, Token};
use crate::pure::wire::api::{Session, Settings};
use crate::pure::wire::{Account, AccountId, DeviceId, Millis, Name, SessionId};
use crate::store::{NewSession, SessionRecord};

/// `GET /session`
pub(super) async fn show(state: Arc<State>, request: Request) -> Answer {
    let session = state.session(&request).await?;
    Ok(answer::json(&told(session)))
}

/// A session as its browser sees it.
pub(super) fn told(session: SessionRecord) -> Session {
    let SessionRecord { account, device, settings, ends, .. } = session;
    Session { account, device, settings, ends }
}

/// A sign-in that is about to be stored.
pub(super) struct SignIn {
    token: Token,
    mark: DeviceMark,
    context: Context,
    device_name: Name,
    now: Millis,
}

impl SignIn {
    /// A new token for an account, on this device.
    pub(super) fn new(
        request: &Request,
        account: AccountId,
        device: DeviceId,
        device_name: Name,
    ) -> Self {
        Self {
            token: random_token(),
            mark: DeviceMark { account, device },
            context: request.context.clone(),
            device_name,
            now: now(),
        }
    }

    /// What the store keeps of it.
    pub(super) fn stored(&self) -> NewSession {
        NewSession {
            id: SessionId::from_bytes(auth::random()),
            token_hash: self.token.hash(),
            device: self.mark.device,
            device_name: self.device_name.clone(),
            network: self.context.network(),
            now: self.now,
        }
    }

    /// The answer that signs the browser in.
    pub(super) fn answer(&self, state: &State, account: Account, settings: Settings) -> Response {
        let body = Session { account, device: self.mark.device, settings, ends: None };
        let mut response = answer::json(&body);
        let mark = state.auth.issue_mark(&self.mark);
        let cookies =
            [cookie::set(&self.context, &self.token), cookie::set_device(&self.context, &mark)];
        for line in cookies {
            response.headers_mut().append(header::SET_COOKIE, line);
        }
        response
    }
}
