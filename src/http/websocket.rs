//! From an HTTP request at `/ws` to a running session (RFC 6455, and over
//! HTTP/2 RFC 8441). Frames are the session's matter.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use hyper::ext::Protocol;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use ring::digest;

use super::answer::{self, Answer, Response};
use super::{Request, State};
use crate::hub::Identity;
use crate::pure::wire::{ApiError, ErrorCode, SUBPROTOCOL};
use crate::session;

/// Checks an upgrade and starts its session.
pub(super) async fn upgrade(state: &Arc<State>, mut request: Request) -> Answer {
    let accepted = match handshake(&request) {
        Ok(accepted) => accepted,
        Err(refusal) => return Ok(*refusal),
    };
    let headers = &request.head.headers;
    let origin = headers.get(header::ORIGIN);
    if origin.is_none_or(|origin| origin != request.context.origin().as_str()) {
        return Err(ApiError::new(ErrorCode::Forbidden, "not from this server's own page"));
    }
    if !offers(headers, header::SEC_WEBSOCKET_PROTOCOL, SUBPROTOCOL) {
        return Err(ApiError::new(ErrorCode::BadRequest, "the sub-protocol is callbox.v1"));
    }
    if state.setup.required() {
        return Err(ApiError::new(ErrorCode::SetupRequired, "not set up yet"));
    }
    let session = state.session(&request).await?;
    let who = Identity {
        account: session.account.id,
        device: session.device,
        session: session.id,
        expires: session.expires,
    };
    let Some(on_upgrade) = request.head.extensions.remove::<OnUpgrade>() else {
        return Err(ApiError::new(ErrorCode::BadRequest, "this connection cannot be upgraded"));
    };
    tokio::spawn(run(Arc::clone(state), on_upgrade, who));
    Ok(accepted)
}

async fn run(state: Arc<State>, on_upgrade: OnUpgrade, who: Identity) {
    match on_upgrade.await {
        Ok(stream) => {
            let limits = session::Limits::default();
            let (hub, store) = (state.hub.clone(), state.store.clone());
            session::run(TokioIo::new(stream), hub, store, who, limits).await;
        }
        Err(error) => tracing::debug!(%error, "a connection ended while it was upgraded"),
    }
}

/// The answer that opens the WebSocket, or the one that says what is wrong.
fn handshake(request: &Request) -> Result<Response, Box<Response>> {
    let bad = |text| Err(Box::new(answer::plain(StatusCode::BAD_REQUEST, text)));
    let headers = &request.head.headers;
    let extended = request.head.extensions.get::<Protocol>();
    let mut response = answer::Response::default();
    if request.head.method == Method::CONNECT {
        if extended.is_none_or(|protocol| protocol.as_str() != "websocket") {
            return bad("only WebSockets can be opened here\n");
        }
    } else if request.head.method == Method::GET {
        if !offers(headers, header::CONNECTION, "upgrade")
            || !offers(headers, header::UPGRADE, "websocket")
        {
            return bad("only WebSockets can be opened here\n");
        }
        let Some(key) = headers.get(header::SEC_WEBSOCKET_KEY).filter(|key| is_key(key)) else {
            return bad("Sec-WebSocket-Key is missing or malformed\n");
        };
        *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
        let headers = response.headers_mut();
        headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
        headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
        headers.insert(header::SEC_WEBSOCKET_ACCEPT, accept(key));
    } else {
        let mut response = answer::plain(StatusCode::METHOD_NOT_ALLOWED, "GET only\n");
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET"));
        return Err(Box::new(response));
    }
    if headers.get(header::SEC_WEBSOCKET_VERSION).is_none_or(|version| version != "13") {
        let mut response = answer::plain(StatusCode::BAD_REQUEST, "the version is 13\n");
        let version = HeaderValue::from_static("13");
        response.headers_mut().insert(header::SEC_WEBSOCKET_VERSION, version);
        return Err(Box::new(response));
    }
    let protocol = HeaderValue::from_static(SUBPROTOCOL);
    response.headers_mut().insert(header::SEC_WEBSOCKET_PROTOCOL, protocol);
    Ok(response)
}

/// Whether a comma-separated header has this element.
fn offers(headers: &HeaderMap, name: header::HeaderName, element: &str) -> bool {
    let lines = headers.get_all(name).into_iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).any(|item| item.trim().eq_ignore_ascii_case(element))
}

/// 16 bytes in base64.
fn is_key(key: &HeaderValue) -> bool {
    STANDARD.decode(key.as_bytes()).is_ok_and(|bytes| bytes.len() == 16)
}

/// RFC 6455 section 4.2.2, step 5.4.
fn accept(key: &HeaderValue) -> HeaderValue {
    let mut hash = digest::Context::new(&digest::SHA1_FOR_LEGACY_USE_ONLY);
    hash.update(key.as_bytes());
    hash.update(b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
    HeaderValue::from_str(&STANDARD.encode(hash.finish())).expect("base64 is header text")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_answered_as_in_the_rfc() {
        let key = HeaderValue::from_static("dGhlIHNhbXBsZSBub25jZQ==");
        assert!(is_key(&key));
        assert_eq!(accept(&key), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }
}
