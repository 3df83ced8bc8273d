//! The web client, embedded in the binary.
//!
//! Files are found in a map by their exact name: there is no file system to
//! climb through. Text is embedded precompressed beside itself (`.br`, `.gz`).
//! Pages of the client that are no files are its index page, for navigations only.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use http_body_util::Full;
use hyper::body::Body as _;
use rust_embed::{EmbeddedFile, RustEmbed};
use sha2::{Digest, Sha256};

use super::answer::{self, Response};
use super::asset_origin::AssetOrigin;
use super::body::Body;
use super::negotiate::{self, Coding, Part};

#[derive(RustEmbed)]
#[folder = "$EMBEDDED_WEB"]
#[exclude = "*.map"]
struct Web;

/// Answers a request for a file or page of the client.
pub(super) fn answer(head: &Parts, origin: Option<&AssetOrigin>) -> Response {
    if head.method != Method::GET && head.method != Method::HEAD {
        let mut response = answer::plain(StatusCode::METHOD_NOT_ALLOWED, "GET or HEAD only\n");
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
        return response;
    }
    match name(head).filter(|name| Web::get(name).is_some()) {
        Some(name) => match origin {
            Some(origin) => from_elsewhere(name, head, origin),
            None => file(name, head),
        },
        None => answer::plain(StatusCode::NOT_FOUND, "There is nothing here.\n"),
    }
}

/// A file while most come from another origin: the page names that origin, and whoever keeps
/// copies for it fetches them here.
fn from_elsewhere(name: &str, head: &Parts, origin: &AssetOrigin) -> Response {
    let mut response = match name {
        INDEX => page(origin.index(), head),
        _ => file(name, head),
    };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, origin.policy());
    if name.starts_with(ASSETS) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        let anybody = HeaderValue::from_static("cross-origin");
        headers.insert("cross-origin-resource-policy", anybody);
    }
    response
}

/// A page that is not as it was embedded.
fn page(text: &Bytes, head: &Parts) -> Response {
    let etag = tag(&Sha256::digest(text).into());
    let mut response = representation(&head.headers, text.clone(), &etag);
    let has_body = response.status() != StatusCode::NOT_MODIFIED;
    let headers = response.headers_mut();
    headers.insert(header::ETAG, etag);
    headers.insert(header::CACHE_CONTROL, caching(INDEX));
    if has_body {
        let kind = HeaderValue::from_static("text/html; charset=utf-8");
        headers.insert(header::CONTENT_TYPE, kind);
    }
    if head.method == Method::HEAD { without_body(response) } else { response }
}

/// The bytes of a file as it was embedded.
pub(super) fn bytes(name: &str) -> Option<Bytes> {
    Web::get(name).map(|file| data(file.data))
}

fn data(data: Cow<'static, [u8]>) -> Bytes {
    match data {
        Cow::Borrowed(data) => Bytes::from_static(data),
        Cow::Owned(data) => Bytes::from(data),
    }
}

/// Every file of the client, by name, with the SHA-256 of its bytes.
pub fn client_files() -> Vec<(String, [u8; 32])> {
    let mut files: Vec<_> = Web::iter()
        .filter(|name| !is_coded(name))
        .filter_map(|name| Some((name.to_string(), Web::get(&name)?.metadata.sha256_hash())))
        .collect();
    files.sort();
    files
}

/// Whether this is another file compressed, which is never asked for by its own name.
fn is_coded(name: &str) -> bool {
    name.ends_with(".br") || name.ends_with(".gz")
}

/// The file that a path means.
fn name(head: &Parts) -> Option<&str> {
    let path = head.uri.path().strip_prefix('/')?;
    let is_file = !is_coded(path) && Web::get(path).is_some();
    if is_file {
        Some(path)
    } else if path.is_empty() || (is_page(path) && is_navigation(&head.headers)) {
        Some(INDEX)
    } else {
        None
    }
}

/// Whether a path can be a page of the client: plain segments, no file's ending.
fn is_page(path: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
    !path.starts_with(ASSETS)
        && path.split('/').all(|segment| !segment.is_empty() && segment.bytes().all(plain))
}

/// Whether a person goes to this address, as opposed to a script fetching it.
fn is_navigation(headers: &HeaderMap) -> bool {
    match headers.get("sec-fetch-dest") {
        Some(destination) => destination == "document",
        None => headers
            .get(header::ACCEPT)
            .is_some_and(|kinds| kinds.as_bytes().starts_with(b"text/html")),
    }
}

fn file(name: &str, head: &Parts) -> Response {
    let (brotli, gzip) = (Web::get(&format!("{name}.br")), Web::get(&format!("{name}.gz")));
    // A range is of the file itself, not of one of its codings.
    let coding = match head.headers.contains_key(header::RANGE) {
        true => Coding::Identity,
        false => negotiate::coding(&head.headers, brotli.is_some(), gzip.is_some()),
    };
    let varies = brotli.is_some() || gzip.is_some();
    let plain = Web::get(name).expect("the caller has looked");
    let kind = content_type(&plain);
    let chosen = match coding {
        Coding::Brotli => brotli.expect("offered because it exists"),
        Coding::Gzip => gzip.expect("offered because it exists"),
        Coding::Identity => plain,
    };
    let etag = etag(&chosen);
    let mut response = representation(&head.headers, data(chosen.data), &etag);
    let has_body = response.status() != StatusCode::NOT_MODIFIED;
    let headers = response.headers_mut();
    headers.insert(header::ETAG, etag);
    headers.insert(header::CACHE_CONTROL, caching(name));
    if varies {
        headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    }
    if has_body {
        headers.insert(header::CONTENT_TYPE, kind);
        headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
        match coding {
            Coding::Brotli => {
                headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("br"))
            }
            Coding::Gzip => {
                headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"))
            }
            Coding::Identity => None,
        };
    }
    if head.method == Method::HEAD { without_body(response) } else { response }
}

/// Body and status for one representation.
fn representation(headers: &HeaderMap, data: Bytes, etag: &HeaderValue) -> Response {
    if negotiate::has(headers, etag) {
        return with_status(StatusCode::NOT_MODIFIED, Bytes::new());
    }
    let length = data.len();
    let (status, range, body) = match negotiate::part(headers, etag, length) {
        Part::Whole => return with_status(StatusCode::OK, data),
        Part::Bytes(part) => {
            let range = format!("bytes {}-{}/{length}", part.start, part.end - 1);
            (StatusCode::PARTIAL_CONTENT, range, data.slice(part))
        }
        Part::Unsatisfiable => {
            (StatusCode::RANGE_NOT_SATISFIABLE, format!("bytes */{length}"), Bytes::new())
        }
    };
    let mut response = with_status(status, body);
    let range = HeaderValue::from_str(&range).expect("digits are header text");
    response.headers_mut().insert(header::CONTENT_RANGE, range);
    response
}

fn with_status(status: StatusCode, body: Bytes) -> Response {
    let mut response = Response::new(Full::new(body).into());
    *response.status_mut() = status;
    response
}

/// The head of an answer, with the length that its body would have.
fn without_body(response: Response) -> Response {
    let (mut head, body) = response.into_parts();
    let length = body.size_hint().exact().expect("the body is in memory");
    head.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    Response::from_parts(head, Body::default())
}

fn etag(file: &EmbeddedFile) -> HeaderValue {
    tag(&file.metadata.sha256_hash())
}

fn tag(hash: &[u8; 32]) -> HeaderValue {
    let tag = format!("\"{}\"", URL_SAFE_NO_PAD.encode(&hash[..16]));
    HeaderValue::from_str(&tag).expect("base64 is header text")
}

fn content_type(file: &EmbeddedFile) -> HeaderValue {
    let kind = file.metadata.mimetype();
    let text = kind.starts_with("text/") || kind == "application/manifest+json";
    let kind = if text { format!("{kind}; charset=utf-8") } else { kind.to_owned() };
    HeaderValue::from_str(&kind).expect("a media type is header text")
}

/// Names below `assets/` change with their content; all others are asked for again.
fn caching(name: &str) -> HeaderValue {
    HeaderValue::from_static(match name.starts_with(ASSETS) {
        true => "public, max-age=31536000, immutable",
        false => "no-cache",
    })
}

pub(super) const INDEX: &str = "index.html";
pub(super) const ASSETS: &str = "assets/";
