//! What a check of the connection needs.

use std::net::IpAddr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::http::answer::{self, Answer};
use crate::http::{Request, State, auth, now};
use crate::pure::wire::SessionId;
use crate::pure::wire::api::CheckRelay;

/// `POST /admin/v1/check`: what the doctor on the command line asks for.
#[derive(Debug, Serialize, Deserialize)]
pub struct Prepared {
    pub relay: CheckRelay,
    pub domains: Vec<String>,
    pub external: Vec<IpAddr>,
    pub proxied: bool,
}

/// `POST /check/relay`
pub(super) async fn relay(state: Arc<State>, request: Request) -> Answer {
    let session = state.session(&request).await?;
    Ok(answer::json(&state.checks.issue_to(session.account.id, session.id, now())?))
}

pub(super) async fn prepare(state: Arc<State>, _: Request) -> Answer {
    let session = SessionId::from_bytes(auth::random());
    Ok(answer::json(&Prepared {
        relay: state.checks.issue(session, now()),
        domains: state.config.get().domains.clone(),
        external: state.facts.external.clone(),
        proxied: state.facts.proxied,
    }))
}
