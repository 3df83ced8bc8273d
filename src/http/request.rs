//! A request as handlers see it: context, head, path parameters and a body
//! that is read under a limit of size and time.

use std::str::FromStr;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::Incoming;
use serde::de::DeserializeOwned;

use super::context::Context;
use super::cookie;
use crate::pure::auth::token::Token;
use crate::pure::wire::{ApiError, ErrorCode, limits};

/// A request on its way to a handler.
#[derive(Debug)]
pub struct Request {
    pub context: Context,
    pub head: http::request::Parts,
    parameters: Vec<String>,
    body: Option<Incoming>,
}

impl Request {
    /// Joins what `hyper` read with where it came from.
    pub fn new(context: Context, request: http::Request<Incoming>) -> Self {
        let (head, body) = request.into_parts();
        Self { context, head, parameters: Vec::new(), body: Some(body) }
    }

    /// What the n-th `{}` of the route stands for; 404 when it is not of that kind.
    pub fn parameter<T: FromStr>(&self, n: usize) -> Result<T, ApiError> {
        let text = self.parameters.get(n).expect("the route has this many parameters");
        text.parse().map_err(|_| ApiError::new(ErrorCode::NotFound, "no such thing"))
    }

    /// A value of the query string, as it stands there; 400 when it is not of that kind.
    pub fn query<T: FromStr>(&self, key: &str) -> Result<Option<T>, ApiError> {
        let pairs = self.head.uri.query().unwrap_or_default().split('&');
        let value = pairs.filter_map(|pair| pair.split_once('=')).find(|(k, _)| *k == key);
        value
            .map(|(_, value)| value.parse())
            .transpose()
            .map_err(|_| ApiError::new(ErrorCode::BadRequest, "a query value has the wrong form"))
    }

    /// A text of the query string, percent-decoded; 400 when it is not UTF-8.
    pub fn query_text(&self, key: &str) -> Result<String, ApiError> {
        let coded: String = self.query(key)?.unwrap_or_default();
        percent_decoded(&coded)
            .ok_or(ApiError::new(ErrorCode::BadRequest, "a query value has the wrong form"))
    }

    /// The session's token, when the browser sent one.
    pub fn token(&self) -> Option<Token> {
        cookie::read(&self.context, &self.head.headers)
    }

    /// Reads the whole body as JSON of at most `limits::JSON_BYTES`.
    pub async fn json<T: DeserializeOwned>(&mut self) -> Result<T, ApiError> {
        self.json_up_to(limits::JSON_BYTES).await
    }

    /// Reads the whole body as JSON of at most this size.
    pub async fn json_up_to<T: DeserializeOwned>(&mut self, limit: usize) -> Result<T, ApiError> {
        let body = self.bytes("application/json", limit).await?;
        serde_json::from_slice(&body)
            .map_err(|_| ApiError::new(ErrorCode::BadRequest, "the body is not what was expected"))
    }

    /// Whether the body says to be of this kind.
    pub fn is(&self, kind: &str) -> bool {
        self.head.headers.get(header::CONTENT_TYPE).is_some_and(|value| is_kind(value, kind))
    }

    /// Reads the whole body of exactly this content type and at most this size.
    pub async fn bytes(&mut self, kind: &str, limit: usize) -> Result<Bytes, ApiError> {
        if !self.is(kind) {
            return Err(ApiError::new(ErrorCode::BadRequest, "wrong content type"));
        }
        let body = self.body.take().expect("a body is read once");
        let read = Limited::new(body, limit).collect();
        match tokio::time::timeout(BODY_TIME, read).await {
            Ok(Ok(body)) => Ok(body.to_bytes()),
            Ok(Err(error)) if error.is::<LengthLimitError>() => {
                Err(ApiError::new(ErrorCode::TooLarge, "the body is too large"))
            }
            Ok(Err(_)) => Err(ApiError::new(ErrorCode::BadRequest, "the body broke off")),
            Err(_) => Err(ApiError::new(ErrorCode::BadRequest, "the body came too slowly")),
        }
    }

    /// Says what the route's `{}` stood for.
    pub(super) fn set_parameters(&mut self, parameters: Vec<String>) {
        self.parameters = parameters;
    }
}

/// Whether a `Content-Type` names this kind; of parameters only UTF-8 is one we know.
fn is_kind(value: &HeaderValue, kind: &str) -> bool {
    let Ok(text) = value.to_str() else { return false };
    let (essence, parameter) = text.split_once(';').unwrap_or((text, ""));
    let parameter = parameter.trim();
    essence.trim().eq_ignore_ascii_case(kind)
        && (parameter.is_empty() || parameter.eq_ignore_ascii_case("charset=utf-8"))
}

fn percent_decoded(coded: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(coded.len());
    let mut rest = coded.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let mut digit = || char::from(rest.next()?).to_digit(16);
                u8::try_from(digit()? * 16 + digit()?).ok()?
            }
            b'+' => b' ',
            other => other,
        });
    }
    String::from_utf8(bytes).ok()
}

/// From the first to the last byte of a body.
const BODY_TIME: Duration = Duration::from_secs(30);
