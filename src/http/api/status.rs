//! What anybody may know of this server.

use std::sync::Arc;

use crate::http::answer::{self, Answer};
use crate::http::{Request, State};
use crate::pure::wire::api::Status;

/// `GET /status`
pub(super) async fn show(state: Arc<State>, _: Request) -> Answer {
    Ok(answer::json(&Status {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        setup_required: state.setup.required(),
    }))
}
