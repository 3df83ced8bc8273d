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
    proved: bool,
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
            proved: true,
        }
    }

    /// The same without a proof of the password.
    pub(super) fn unproved(self) -> Self {
        Self { proved: false, ..self }
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
            proved: self.proved,
        }
    }

    /// The answer that signs the browser in.
    pub(super) fn answer(&self, state: &State, account: Account, settings: Settings) -> Response {
        let session = self.session(account, settings);
        self.with_cookies(state, answer::json(&session))
    }

    /// The session as its browser will see it.
    pub(super) fn session(&self, account: Account, settings: Settings) -> Session {
        Session { account, device: self.mark.device, settings, ends: None }
    }

    /// An answer with the cookies that sign the browser in.
    pub(super) fn with_cookies(&self, state: &State, mut response: Response) -> Response {
        let mark = state.auth.issue_mark(&self.mark);
        let cookies =
            [cookie::set(&self.context, &self.token), cookie::set_device(&self.context, &mark)];
        for line in cookies {
            response.headers_mut().append(header::SET_COOKIE, line);
        }
        response
    }
}
