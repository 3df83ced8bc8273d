//! Answers: JSON, emptiness and errors in the form that clients read.

use bytes::Bytes;
use http::{HeaderValue, StatusCode, header};
use http_body_util::Full;
use serde::Serialize;

use super::body::Body;
use crate::pure::wire::api::ErrorBody;
use crate::pure::wire::{ApiError, ErrorCode};

/// What goes back to a client.
pub type Response = http::Response<Body>;

/// What a handler returns: an answer, or why the client gets none.
pub type Answer = Result<Response, ApiError>;

/// 200 with a JSON body.
pub fn json<T: Serialize>(value: &T) -> Response {
    json_with(StatusCode::OK, value)
}

/// 204.
pub fn empty() -> Response {
    plain(StatusCode::NO_CONTENT, "")
}

/// A status with a line of text for people who look at it by hand.
pub fn plain(status: StatusCode, text: impl Into<Bytes>) -> Response {
    let mut response = Response::new(Full::new(text.into()).into());
    *response.status_mut() = status;
    let kind = HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    no_store(&mut response);
    response
}

/// The answer that tells of an error, with `Retry-After` when it says when.
pub fn error(error: ApiError) -> Response {
    let mut response = json_with(status(error.code), &ErrorBody { error });
    if let Some(ms) = error.retry_ms {
        let seconds = HeaderValue::from(ms.div_ceil(1000));
        response.headers_mut().insert(header::RETRY_AFTER, seconds);
    }
    response
}

fn json_with<T: Serialize>(status: StatusCode, value: &T) -> Response {
    let body = serde_json::to_vec(value).expect("wire types have string keys and no failing parts");
    let mut response = Response::new(Full::new(body.into()).into());
    *response.status_mut() = status;
    let kind = HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    no_store(&mut response);
    response
}

fn no_store(response: &mut Response) {
    let value = HeaderValue::from_static("no-store");
    response.headers_mut().insert(header::CACHE_CONTROL, value);
}

fn status(code: ErrorCode) -> StatusCode {
    match code {
        ErrorCode::BadRequest => StatusCode::BAD_REQUEST,
        ErrorCode::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        ErrorCode::Unauthorized => StatusCode::UNAUTHORIZED,
        ErrorCode::Forbidden | ErrorCode::ReauthRequired | ErrorCode::DeviceUnknown => {
            StatusCode::FORBIDDEN
        }
        ErrorCode::NotFound => StatusCode::NOT_FOUND,
        ErrorCode::NameTaken
        | ErrorCode::Conflict
        | ErrorCode::StaleEpoch
        | ErrorCode::RotateFirst => StatusCode::CONFLICT,
        ErrorCode::QuotaExceeded => StatusCode::INSUFFICIENT_STORAGE,
        ErrorCode::RateLimited => StatusCode::TOO_MANY_REQUESTS,
        ErrorCode::Unavailable | ErrorCode::SetupRequired => StatusCode::SERVICE_UNAVAILABLE,
        ErrorCode::Version => StatusCode::UPGRADE_REQUIRED,
    }
}
