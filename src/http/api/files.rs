//! Files: uploads in chunks, downloads in ranges. To the server they are sealed bytes.

use std::sync::Arc;

use http::{HeaderValue, StatusCode, header};

use super::to_the_end;
use crate::http::answer::{self, Answer, Response};
use crate::http::body::Body;
use crate::http::negotiate::{self, Part};
use crate::http::{Request, State, now};
use crate::pure::wire::{ApiError, CreateFile, ErrorCode, FileId, Shape, limits};
use crate::store::FileError;

/// `POST /conversations/{id}/files`
pub(super) async fn create(state: Arc<State>, mut request: Request) -> Answer {
    let session = state.session(&request).await?;
    let conversation = request.parameter(0)?;
    let CreateFile { id, size, chunks } = request.json().await?;
    let shape = Shape::of(size).ok_or(match size {
        0 => ApiError::new(ErrorCode::BadRequest, "a file has at least one byte"),
        _ => ApiError::new(ErrorCode::TooLarge, "a file has at most 100 MiB"),
    })?;
    if chunks != shape.chunks() {
        return Err(ApiError::new(ErrorCode::BadRequest, "another number of chunks"));
    }
    to_the_end(async move {
        let sender = (session.account.id, session.account.role);
        let upload = state.files.create(id, conversation, sender, shape, now()).await?;
        Ok(answer::json(&upload))
    })
    .await
}

/// `GET /files/{id}/upload`
pub(super) async fn upload(state: Arc<State>, request: Request) -> Answer {
    let session = state.session(&request).await?;
    let upload = state.files.upload(request.parameter(0)?, session.account.id).await?;
    Ok(answer::json(&upload))
}

/// `PUT /files/{id}/chunks/{index}`
pub(super) async fn put_chunk(state: Arc<State>, mut request: Request) -> Answer {
    let session = state.session(&request).await?;
    let (id, index) = (request.parameter(0)?, request.parameter(1)?);
    // Whose it is and how long it should be are known before the body is taken in.
    state.files.expects(id, session.account.id, index).await?;
    let chunk = request.bytes(KIND, limits::FILE_CHUNK as usize + 16).await?;
    to_the_end(async move {
        state.files.put(id, session.account.id, index, chunk, now()).await?;
        Ok(answer::empty())
    })
    .await
}

/// `POST /files/{id}/finish`
pub(super) async fn finish(state: Arc<State>, request: Request) -> Answer {
    let session = state.session(&request).await?;
    let id = request.parameter(0)?;
    to_the_end(async move {
        let upload = state.files.finish(id, session.account.id).await?;
        Ok(answer::json(&upload))
    })
    .await
}

/// `GET /files/{id}`
pub(super) async fn show(state: Arc<State>, request: Request) -> Answer {
    let session = state.session(&request).await?;
    let id: FileId = request.parameter(0)?;
    let file = state.files.read(id, session.account.id).await?;
    let length = file.length();
    // What has an id never changes.
    let etag = HeaderValue::from_str(&format!("\"{id}\"")).expect("an id is header text");
    let (status, from, to) = match negotiate::part(&request.head.headers, &etag, length as usize) {
        Part::Whole => (StatusCode::OK, 0, length),
        Part::Bytes(part) => (StatusCode::PARTIAL_CONTENT, part.start as u64, part.end as u64),
        Part::Unsatisfiable => (StatusCode::RANGE_NOT_SATISFIABLE, 0, 0),
    };
    let range = match status {
        StatusCode::PARTIAL_CONTENT => Some(format!("bytes {from}-{}/{length}", to - 1)),
        StatusCode::RANGE_NOT_SATISFIABLE => Some(format!("bytes */{length}")),
        _ => None,
    };
    let mut response = Response::new(Body::file(file.span(from, to)));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, KIND),
        // Opened as a document it is still nothing but bytes to be saved.
        (header::CONTENT_DISPOSITION, "attachment"),
        (header::CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CACHE_CONTROL, "no-store"),
        (header::ACCEPT_RANGES, "bytes"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.insert(header::ETAG, etag);
    if let Some(range) = range {
        let range = HeaderValue::from_str(&range).expect("digits are header text");
        headers.insert(header::CONTENT_RANGE, range);
    }
    Ok(response)
}

/// `DELETE /files/{id}`
pub(super) async fn remove(state: Arc<State>, request: Request) -> Answer {
    let session = state.session(&request).await?;
    let id = request.parameter(0)?;
    to_the_end(async move {
        state.files.delete(id, session.account.id).await?;
        Ok(answer::empty())
    })
    .await
}

/// `GET /files`
pub(super) async fn usage(state: Arc<State>, request: Request) -> Answer {
    let session = state.session(&request).await?;
    Ok(answer::json(&state.files.usage(session.account.id, session.account.role).await?))
}

impl From<FileError> for ApiError {
    fn from(error: FileError) -> Self {
        match error {
            FileError::Refused(refusal) => refusal.into(),
            FileError::Store(error) => error.into(),
            FileError::Disk(error) => {
                tracing::warn!(%error, "the disk failed a file");
                Self::new(ErrorCode::Unavailable, "not now")
            }
        }
    }
}

const KIND: &str = "application/octet-stream";
