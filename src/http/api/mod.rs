//! The API under `/api/v1`, and what the command line may do under `/admin/v1`.
//!
//! One file per group of routes. A handler reads the request into wire types,
//! asks the store and `auth`, and answers; whoever must hear of a change is
//! told right after its commit, also when the client has gone by then.

mod account;
mod admin;
mod approvals;
mod avatar;
mod backup;
pub mod check;
mod conversations;
mod devices;
mod files;
mod guests;
mod history;
mod invites;
mod jpeg;
mod keys;
mod links;
pub mod local;
mod login;
pub mod overview;
mod owner;
mod passkeys;
mod password;
mod recovery;
mod register;
mod reset;
mod session;
mod status;
mod webp;

use std::future::Future;
use std::panic;

use http::Method;

use super::{Request, Router};
use crate::pure::wire::{ApiError, ErrorCode, Millis};
use crate::store::SessionRecord;

/// The routes for browsers, without their prefix `/api/v1`.
pub fn routes() -> Router {
    Router::new()
        .on(Method::GET, "/status", status::show)
        .before_setup()
        .on(Method::POST, "/register/start", register::start)
        .before_setup()
        .on(Method::POST, "/register/finish", register::finish)
        .before_setup()
        .on(Method::POST, "/login/start", login::start)
        .on(Method::POST, "/login/finish", login::finish)
        .on(Method::POST, "/reauth/finish", login::reauth)
        .on(Method::POST, "/logout", login::logout)
        .on(Method::POST, "/password/start", password::start)
        .on(Method::POST, "/password/finish", password::finish)
        .on(Method::POST, "/reset/check", reset::check)
        .on(Method::POST, "/reset/start", reset::start)
        .on(Method::POST, "/reset/finish", reset::finish)
        .on(Method::GET, "/session", session::show)
        .on(Method::PATCH, "/account", account::change)
        .on(Method::PUT, "/account/avatar", avatar::put)
        .on(Method::DELETE, "/account/avatar", avatar::remove)
        .on(Method::GET, "/accounts/{}/avatar/{}", avatar::show)
        .on(Method::GET, "/devices", devices::list)
        .on(Method::DELETE, "/devices/{}", devices::revoke)
        .on(Method::POST, "/devices/sign-out-others", devices::sign_out_others)
        .on(Method::POST, "/recovery/start", recovery::start)
        .on(Method::POST, "/recovery/finish", recovery::finish)
        .on(Method::POST, "/approvals", approvals::request)
        .on(Method::POST, "/approvals/find", approvals::find)
        .on(Method::POST, "/approvals/{}/approve", approvals::approve)
        .on(Method::POST, "/approvals/{}/refuse", approvals::refuse)
        .on(Method::POST, "/approvals/{}/claim", approvals::claim)
        .on(Method::POST, "/passkeys/start", passkeys::start)
        .on(Method::POST, "/passkeys/finish", passkeys::finish)
        .on(Method::POST, "/passkeys/confirm", passkeys::confirm)
        .on(Method::GET, "/passkeys", passkeys::list)
        .on(Method::POST, "/passkeys", passkeys::add)
        .on(Method::PATCH, "/passkeys/{}", passkeys::rename)
        .on(Method::DELETE, "/passkeys/{}", passkeys::remove)
        .on(Method::GET, "/keys", keys::show)
        .on(Method::PUT, "/keys", keys::put)
        .on(Method::PUT, "/keys/settings", keys::put_settings)
        .on(Method::PUT, "/keys/recovery", keys::put_recovery)
        .on(Method::GET, "/accounts/{}/records", keys::records)
        .on(Method::POST, "/invites/open", invites::open)
        .on(Method::POST, "/invites", invites::create)
        .on(Method::GET, "/invites", invites::list)
        .on(Method::DELETE, "/invites/{}", invites::revoke)
        .on(Method::GET, "/conversations/{}/entries", history::page)
        .on(Method::GET, "/conversations/{}/control", conversations::control)
        .on(Method::POST, "/conversations/{}/control", conversations::post_control)
        .on(Method::GET, "/conversations/{}/grants", conversations::grants)
        .on(Method::POST, "/conversations/{}/grants", conversations::post_grants)
        .on(Method::GET, "/conversations/{}/chain", conversations::chain)
        .on(Method::GET, "/direct/{}", conversations::direct)
        .on(Method::POST, "/conversations/{}/files", files::create)
        .on(Method::GET, "/files", files::usage)
        .on(Method::GET, "/files/{}", files::show)
        .on(Method::DELETE, "/files/{}", files::remove)
        .on(Method::GET, "/files/{}/upload", files::upload)
        .on(Method::PUT, "/files/{}/chunks/{}", files::put_chunk)
        .on(Method::POST, "/files/{}/finish", files::finish)
        .on(Method::POST, "/conversations/{}/links", links::create)
        .on(Method::GET, "/conversations/{}/links", links::list)
        .on(Method::DELETE, "/conversations/{}/links/{}", links::end)
        .on(Method::DELETE, "/conversations/{}/knocks/{}", links::turn_away)
        .on(Method::POST, "/links/open", links::open)
        .on(Method::POST, "/links/{}/join", links::join)
        .on(Method::POST, "/links/{}/knock", links::knock)
        .on(Method::DELETE, "/links/{}/knock", links::withdraw)
        .on(Method::POST, "/guests/start", guests::start)
        .on(Method::POST, "/guests/finish", guests::finish)
        .on(Method::POST, "/account/keep/start", guests::keep_start)
        .on(Method::POST, "/account/keep/finish", guests::keep_finish)
        .on(Method::POST, "/check/relay", check::relay)
        .on(Method::GET, "/admin/accounts", admin::list)
        .on(Method::GET, "/admin/relay", admin::relay)
        .on(Method::PATCH, "/admin/accounts/{}", admin::change)
        .on(Method::POST, "/admin/accounts/{}/reset", admin::reset)
        .on(Method::POST, "/admin/accounts/{}/sign-out", admin::sign_out)
        .on(Method::DELETE, "/admin/accounts/{}/devices/{}", admin::sign_out_device)
        .on(Method::PUT, "/admin/accounts/{}/quota", admin::set_quota)
        .on(Method::GET, "/owner/people", owner::people)
        .on(Method::GET, "/owner/devices", owner::devices)
        .on(Method::GET, "/owner/invites", owner::invites)
        .on(Method::GET, "/owner/calls", owner::calls)
        .on(Method::GET, "/owner/server", owner::server)
        .on(Method::GET, "/owner/doctor", owner::examined)
        .on(Method::POST, "/owner/doctor", owner::examine)
        .on(Method::GET, "/owner/log", owner::log)
}

/// The routes for the command line, without their prefix `/admin/v1`.
pub fn admin_routes() -> Router {
    Router::new()
        .on(Method::GET, "/accounts", local::accounts)
        .on(Method::PATCH, "/accounts/{}", local::change)
        .on(Method::POST, "/accounts/{}/sign-out", local::sign_out)
        .on(Method::POST, "/accounts/{}/reset", local::reset)
        .on(Method::GET, "/relay", local::relay)
        .on(Method::GET, "/invites", local::invites)
        .on(Method::POST, "/invites", local::invite)
        .on(Method::DELETE, "/invites/{}", local::revoke_invite)
        .on(Method::GET, "/backup", backup::backup)
        .before_setup()
        .on(Method::GET, "/overview", overview::overview)
        .before_setup()
        .on(Method::POST, "/check", check::prepare)
        .before_setup()
        .on(Method::GET, "/settings", overview::settings)
        .before_setup()
        .on(Method::GET, "/certificates", local::certificates)
        .before_setup()
        .on(Method::GET, "/ca", local::authority)
        .before_setup()
        .on(Method::POST, "/ca/rotate", local::rotate)
        .before_setup()
}

/// Runs to its end even when the client goes away: what is committed must be told.
async fn to_the_end<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> T {
    match tokio::spawn(work).await {
        Ok(value) => value,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => panic::resume_unwind(panic),
            // The runtime is shutting down, and this task with it.
            Err(_) => std::future::pending().await,
        },
    }
}

/// Refuses unless the password was proved within the last five minutes.
fn require_recent_proof(session: &SessionRecord, now: Millis) -> Result<(), ApiError> {
    if is_recent(session, now, RECENT) {
        Ok(())
    } else {
        Err(ApiError::new(ErrorCode::ReauthRequired, "confirm the password first"))
    }
}

/// Whether the password was proved within this span.
fn is_recent(session: &SessionRecord, now: Millis, span: Millis) -> bool {
    now.since(session.proved) < span
}

/// How long a proof of the password allows what needs one.
const RECENT: Millis = Millis(5 * 60_000);

/// Where a request comes from, with the device its browser is known as.
fn requester(state: &super::State, request: &Request) -> super::auth::Requester {
    let cookie = super::cookie::device(&request.context, &request.head.headers);
    let mark = cookie.and_then(|text| state.auth.mark(text));
    super::auth::Requester { client: request.context.client, mark }
}
