//! The gates that every request passes, in this order: method and length,
//! host, channel, then by path: trust, API (origin), WebSocket, client.

use std::sync::Arc;

use http::{HeaderValue, Method, StatusCode, header};
use hyper::body::Incoming;

use super::answer::{self, Response};
use super::context::{Channel, Context};
use super::forwarded::Forwarded;
use super::hosts::Authority;
use super::origin::{self, Source};
use super::request::Request;
use super::serve::{Ports, Transport, Wire};
use super::state::State;
use super::trust::{self, Place};
use super::{assets, headers, health, websocket};
use crate::pure::wire::{ApiError, ErrorCode};

/// Answers a request, whoever it is from.
pub(super) async fn answer(
    state: Arc<State>,
    wire: Wire,
    request: http::Request<Incoming>,
) -> Response {
    if wire.transport == Transport::Unix {
        return admin(state, wire, request).await;
    }
    // CONNECT is for WebSockets over HTTP/2 (RFC 8441), never for tunnels.
    let tunnel = request.method() == Method::CONNECT
        && request.extensions().get::<hyper::ext::Protocol>().is_none();
    if tunnel || !METHODS.contains(request.method()) {
        return answer::plain(StatusCode::METHOD_NOT_ALLOWED, "No such method here.\n");
    }
    // Read in another way by something in between, it would hide a second request.
    let coding = request.headers().get(header::TRANSFER_ENCODING);
    if coding.is_some_and(|coding| coding != "chunked") {
        let mut response = answer::plain(StatusCode::BAD_REQUEST, "Chunked, or not at all.\n");
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        return response;
    }
    let length = request.uri().path_and_query().map_or(0, |path| path.as_str().len());
    if length > MAX_PATH {
        return answer::plain(StatusCode::URI_TOO_LONG, "The address is too long.\n");
    }
    match request.uri().path() {
        "/healthz" => return health::healthz(),
        "/readyz" => return health::readyz(&state).await,
        _ => {}
    }
    let (wire, host) = match state.proxies.say(wire.client, request.headers()) {
        Ok(told) => through(wire, told),
        Err(fault) => return answer::plain(StatusCode::BAD_REQUEST, fault),
    };
    let authority = match host {
        Some(host) => Authority::parse(&host),
        None => Authority::of(request.uri(), request.headers()),
    };
    let Some(authority) =
        authority.filter(|authority| state.hosts.get().accepts(&authority.host, wire.local))
    else {
        return answer::plain(StatusCode::MISDIRECTED_REQUEST, FOREIGN_HOST);
    };
    if wire.transport == Transport::Plain
        && let Some(token) = request.uri().path().strip_prefix(PROOF)
    {
        return match state.certificates.http_01(token) {
            Some(proof) => answer::plain(StatusCode::OK, proof),
            None => answer::plain(StatusCode::NOT_FOUND, "No such proof is asked for.\n"),
        };
    }
    let here = wire.client.is_loopback() && authority.host.is_loopback();
    let channel = match wire.transport {
        Transport::Tls => Channel::Tls,
        _ if here && wire.elsewhere.is_none() => Channel::Loopback,
        _ => Channel::Plain,
    };
    let strict = channel == Channel::Tls && authority.host.is_one_of(&state.config.get().strict);
    let plain = channel == Channel::Plain;
    let (head, body) = request.into_parts();
    let place = Place { authority: &authority, secure: secure(&authority, wire.elsewhere), plain };
    if let Some(response) = trust::answer(&state, &head, &place) {
        return response;
    }
    if plain {
        return to_https(&place.secure, &head.uri);
    }
    let request = http::Request::from_parts(head, body);
    let context = Context { channel, client: wire.client, authority: authority.text };
    let mut response = route(state, Request::new(context, request)).await;
    if strict {
        headers::be_strict(&mut response);
    }
    response
}

/// A request as the first of the proxies before us had it, and the name that it was for.
fn through(wire: Wire, told: Option<Forwarded>) -> (Wire, Option<String>) {
    let Some(told) = told else { return (wire, None) };
    let transport = match told.tls {
        Some(true) => Transport::Tls,
        Some(false) => Transport::Plain,
        None => wire.transport,
    };
    (Wire { transport, client: told.client, ..wire }, told.host)
}

async fn route(state: Arc<State>, request: Request) -> Response {
    let path = request.head.uri.path().to_owned();
    if let Some(path) = path.strip_prefix("/api/v1").filter(|path| path.starts_with('/')) {
        return api(state, path, request).await;
    }
    match path.as_str() {
        "/ws" => websocket::upgrade(&state, request).await.unwrap_or_else(answer::error),
        "/metrics" if health::may_see_metrics(&state, &request.context, &request.head.headers) => {
            health::metrics(&state).await
        }
        _ => assets::answer(&request.head, state.assets.as_ref()),
    }
}

async fn api(state: Arc<State>, path: &str, mut request: Request) -> Response {
    let head = &request.head;
    let config = state.config.get();
    let allowed = &config.allowed_origins;
    let asked = head.headers.get(header::ORIGIN).filter(|_| head.method == Method::OPTIONS);
    if let Some(asked) = asked.filter(|asked| allowed.iter().any(|allowed| *asked == allowed)) {
        return origin::preflight(asked.clone());
    }
    match origin::check(&request.context, &head.method, &head.headers, allowed) {
        Ok(Source::Own) => {
            // What changes something is done by then, and its answer short.
            let reads = head.method.is_safe();
            let session = request.token().filter(|_| reads).map(|token| token.hash());
            let response = state.api.answer(Arc::clone(&state), path, request).await;
            match session {
                Some(session) => bounded(&state, session, response),
                None => response,
            }
        }
        Ok(Source::Allowed(origin)) => {
            request.head.headers.remove(header::COOKIE);
            let mut response = state.api.answer(Arc::clone(&state), path, request).await;
            origin::allow(&mut response, origin);
            response
        }
        Err(error) => answer::error(error),
    }
}

/// The answer, unless its session leaves too much of what it has asked for unread.
fn bounded(state: &State, session: [u8; 32], response: Response) -> Response {
    let (head, body) = response.into_parts();
    match body.hold(|bytes| state.unread.hold(session, bytes)) {
        Some(body) => Response::from_parts(head, body),
        None => answer::error(ApiError::rate_limited(UNREAD_MS)),
    }
}

async fn admin(state: Arc<State>, wire: Wire, request: http::Request<Incoming>) -> Response {
    let path = request.uri().path().to_owned();
    let context =
        Context { channel: Channel::Admin, client: wire.client, authority: "localhost".to_owned() };
    match path.strip_prefix("/admin/v1").filter(|path| path.starts_with('/')) {
        Some(path) => {
            let request = Request::new(context, request);
            state.admin.answer(Arc::clone(&state), path, request).await
        }
        None => answer::error(ApiError::new(ErrorCode::NotFound, "no such route")),
    }
}

/// The same page over TLS, which is spoken on the same port, or `elsewhere`.
fn to_https(secure: &str, uri: &http::Uri) -> Response {
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let target = format!("https://{secure}{path}");
    let Ok(target) = HeaderValue::from_str(&target) else {
        return answer::plain(StatusCode::BAD_REQUEST, "The address is malformed.\n");
    };
    let mut response =
        answer::plain(StatusCode::PERMANENT_REDIRECT, "This server is reached over HTTPS.\n");
    response.headers_mut().insert(header::LOCATION, target);
    response
}

/// Name and port of the same place over TLS.
fn secure(authority: &Authority, elsewhere: Option<Ports>) -> String {
    let (name, port) = authority.split();
    let https = match (elsewhere, port) {
        // Without a port, the browser came to 80, and 443 is where TLS is then.
        (None, None) => 443,
        (None, Some(port)) => port,
        (Some(ports), port) if port.unwrap_or(80) == ports.http => ports.https,
        // Something in between has other ports, and most likely the usual ones.
        (Some(_), None) => 443,
        (Some(ports), Some(_)) => ports.https,
    };
    if https == 443 { name.to_owned() } else { format!("{name}:{https}") }
}

/// What clients of ours use.
const METHODS: [Method; 8] = [
    Method::GET,
    Method::HEAD,
    Method::POST,
    Method::PUT,
    Method::PATCH,
    Method::DELETE,
    Method::OPTIONS,
    Method::CONNECT,
];

/// RFC 8555 section 8.3.
const PROOF: &str = "/.well-known/acme-challenge/";

const MAX_PATH: usize = 4096;

/// When to ask again for what is refused because other answers are still on their way.
const UNREAD_MS: u64 = 1_000;

const FOREIGN_HOST: &str = "\
This server does not go by that name. If it should, its operator adds the name with
--domain NAME or --allowed-hosts NAME.
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn https_is_where_the_listeners_are_unless_something_is_in_between() {
        let secure = |host: &str, elsewhere: Option<(u16, u16)>| {
            let headers = http::HeaderMap::from_iter([(header::HOST, host.parse().unwrap())]);
            let authority = Authority::of(&http::Uri::from_static("/"), &headers).unwrap();
            super::secure(&authority, elsewhere.map(|(http, https)| Ports { http, https }))
        };
        assert_eq!(secure("a.example", None), "a.example");
        assert_eq!(secure("a.example:3001", None), "a.example:3001");
        assert_eq!(secure("[::1]:3001", None), "[::1]:3001");
        assert_eq!(secure("a.example", Some((80, 443))), "a.example");
        assert_eq!(secure("a.example", Some((80, 8443))), "a.example:8443");
        assert_eq!(secure("[fd00::5]:8080", Some((8080, 8443))), "[fd00::5]:8443");
        // Ports 80 and 443 of a router lead to 8080 and 8443 here.
        assert_eq!(secure("a.example", Some((8080, 8443))), "a.example");
    }
}
