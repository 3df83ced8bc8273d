//! One's own name and settings.

use std::sync::Arc;

use super::{session, to_the_end};
use crate::http::answer::{self, Answer};
use crate::http::{Request, State};
use crate::pure::wire::api::ChangeAccount;

/// `PATCH /account`
pub(super) async fn change(state: Arc<State>, mut request: Request) -> Answer {
    let mut session = state.session(&request).await?;
    let ChangeAccount { name, settings } = request.json().await?;
    to_the_end(async move {
        let id = session.account.id;
        if let Some(name) = name {
            session.account = state.store.set_name(id, name).await??;
            state.hub.account_changed(session.account.clone());
        }
        if let Some(settings) = settings {
            state.store.set_settings(id, settings.clone()).await??;
            session.settings = settings;
        }
        Ok(answer::json(&session::told(session)))
    })
    .await
}
