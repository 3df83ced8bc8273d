//! One HTTP connection: how large, how slow and how many its requests may be.

use std::convert::Infallible;
use std::net::IpAddr;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::Either;
use http::StatusCode;
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{Notify, watch};
use tokio::time::timeout;

use super::answer::{self, Response};
use super::gate;
use super::headers;
use super::state::State;

/// What carries a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    Tls,
    Plain,
    /// The Unix socket in the data directory.
    Unix,
}

/// Where HTTP and HTTPS are, when they are not on one port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ports {
    pub http: u16,
    pub https: u16,
}

/// Where a connection comes from and arrived.
#[derive(Debug, Clone, Copy)]
pub struct Wire {
    pub transport: Transport,
    pub client: IpAddr,
    pub local: IpAddr,
    /// For a connection where there is only HTTP.
    pub elsewhere: Option<Ports>,
}

/// The version of HTTP, agreed on before the first request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    Http1,
    Http2,
}

/// Serves a connection until it ends, or until `stop` and its last answer.
/// Upgraded to a WebSocket, it goes on in a task of its own.
///
/// The connection has an allocation of its own from the start: an `async fn` would keep the places through which it
/// was passed for as long as it lives.
pub fn serve<S>(
    state: Arc<State>,
    stream: S,
    wire: Wire,
    version: Version,
    mut stop: watch::Receiver<bool>,
) -> impl Future<Output = ()> + Send + 'static
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let begun = Arc::new(Notify::new());
    let requested = Arc::clone(&begun);
    let service = service_fn(move |request| {
        requested.notify_one();
        answer(Arc::clone(&state), wire, request)
    });
    let stream = TokioIo::new(stream);
    // A macro, because the two kinds of connection share no trait.
    macro_rules! run {
        ($connection:expr) => {{
            let mut connection = Box::pin($connection);
            async move {
                tokio::select! {
                    result = connection.as_mut() => result,
                    () = stopped(&mut stop, &begun) => {
                        connection.as_mut().graceful_shutdown();
                        connection.await
                    }
                }
            }
        }};
    }
    let running = match version {
        Version::Http1 => Either::Left(run!(
            http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(HEADER_TIME)
                .max_headers(MAX_HEADERS)
                .max_header_size(HEADER_BYTES)
                .max_buf_size(HEADER_BYTES)
                .serve_connection(stream, service)
                .with_upgrades()
        )),
        Version::Http2 => Either::Right(run!(
            http2::Builder::new(TokioExecutor::new())
                .timer(TokioTimer::new())
                .max_concurrent_streams(MAX_STREAMS)
                .max_header_list_size(HEADER_BYTES as u32)
                .keep_alive_interval(PING_EVERY)
                .keep_alive_timeout(PING_TIME)
                .enable_connect_protocol()
                .serve_connection(stream, service)
        )),
    };
    running.map(|result| {
        if let Err(error) = result {
            let error = &error as &dyn std::error::Error;
            tracing::debug!(error, "an HTTP connection broke off");
        }
    })
}

/// Waits for the order to stop; whoever could give it being gone is one too. Who
/// has connected just before has a request on its way, which is still answered.
async fn stopped(stop: &mut watch::Receiver<bool>, begun: &Notify) {
    let _ = stop.wait_for(|stop| *stop).await;
    let _ = timeout(FIRST_TIME, begun.notified()).await;
}

/// Answers one request; a fault in our code costs that request only.
async fn answer(
    state: Arc<State>,
    wire: Wire,
    request: http::Request<Incoming>,
) -> Result<Response, Infallible> {
    let answered = AssertUnwindSafe(gate::answer(state, wire, request)).catch_unwind().await;
    let mut response = answered.unwrap_or_else(|_| {
        metrics::counter!("callbox_http_panics_total").increment(1);
        answer::plain(StatusCode::INTERNAL_SERVER_ERROR, "Something is broken here.\n")
    });
    headers::add(&mut response);
    let status = response.status().as_u16().to_string();
    metrics::counter!("callbox_http_requests_total", "status" => status).increment(1);
    Ok(response)
}

const FIRST_TIME: Duration = Duration::from_secs(1);
const HEADER_TIME: Duration = Duration::from_secs(10);
const HEADER_BYTES: usize = 32 * 1024;
const MAX_HEADERS: usize = 64;
const MAX_STREAMS: u32 = 64;
const PING_EVERY: Duration = Duration::from_secs(20);
const PING_TIME: Duration = Duration::from_secs(10);
