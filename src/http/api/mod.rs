//! The API under `/api/v1`, and what the command line may do under `/admin/v1`.

use std::sync::Arc;

use http::Method;

use super::answer::{self, Answer};
use super::{Request, Router, State};
use crate::pure::wire::api::Status;

/// The routes for browsers, without their prefix `/api/v1`.
pub fn routes() -> Router {
    Router::new().on(Method::GET, "/status", status).before_setup()
}

/// The routes for the command line, without their prefix `/admin/v1`.
pub fn admin_routes() -> Router {
    Router::new()
}

async fn status(state: Arc<State>, _: Request) -> Answer {
    Ok(answer::json(&Status {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        setup_required: state.setup.required(),
    }))
}
