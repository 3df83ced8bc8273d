//! Signs of life for machines: `/healthz`, `/readyz` and `/metrics`.

use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use subtle::ConstantTimeEq;

use super::answer::{self, Response};
use super::context::{Channel, Context};
use super::figures::Figures;
use super::hosts::Authority;
use super::state::State;

/// The process serves requests.
pub(super) fn healthz() -> Response {
    answer::plain(StatusCode::OK, "ok\n")
}

/// The server takes new work: it is not stopping, and its store can write.
pub(super) async fn readyz(state: &State) -> Response {
    let look = async {
        match tokio::time::timeout(PROBE_TIME, state.store.probe()).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err("the store failed\n"),
            Err(_) => Err("the store is slow\n"),
        }
    };
    let found = state.ready.ask(look).await;
    match found {
        _ if state.is_draining() => answer::plain(StatusCode::SERVICE_UNAVAILABLE, "stopping\n"),
        Ok(()) => answer::plain(StatusCode::OK, "ready\n"),
        Err(reason) => answer::plain(StatusCode::SERVICE_UNAVAILABLE, reason),
    }
}

/// The metrics are for this computer, or with the token; for others there is nothing here.
pub(super) fn may_see_metrics(state: &State, context: &Context, headers: &HeaderMap) -> bool {
    let named = state.proxies.contains(context.client);
    is_here(context, headers) && !named || has_token(state, headers)
}

/// Whether the one who asks is on this computer. Behind a proxy on it everybody seems to be,
/// unless one can tell by the name that was asked for, or by what the proxy says of them.
fn is_here(context: &Context, headers: &HeaderMap) -> bool {
    let host = Authority::parse(&context.authority);
    let passed_on = |name: &HeaderName| {
        PASSED_ON.contains(&name.as_str()) || name.as_str().starts_with("x-forwarded-")
    };
    context.client.is_loopback()
        && context.channel != Channel::Plain
        && host.is_some_and(|authority| authority.host.is_loopback())
        && !headers.keys().any(passed_on)
}

/// The metrics of this moment, in Prometheus' text form.
pub(super) async fn metrics(state: &State) -> Response {
    Figures::of(state).await.publish(state);
    let mut response = answer::plain(StatusCode::OK, state.metrics.render());
    let kind = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}

fn has_token(state: &State, headers: &HeaderMap) -> bool {
    let given = headers.get(header::AUTHORIZATION).map(HeaderValue::as_bytes);
    let given = given.and_then(|value| value.strip_prefix(b"Bearer "));
    let config = state.config.get();
    let (Some(given), Some(token)) = (given, &config.metrics_token) else { return false };
    given.ct_eq(token.0.as_bytes()).into()
}

const PROBE_TIME: Duration = Duration::from_secs(2);

/// What proxies add, besides `X-Forwarded-For` and the like.
const PASSED_ON: [&str; 4] = ["forwarded", "via", "x-real-ip", "cf-connecting-ip"];
