//! Who may send what: the checks against requests from other sites.
//!
//! A request that changes something must come from our own page: exact
//! `Origin`, `Sec-Fetch-Site: same-origin` where the browser says it, and the
//! header that no form can send. Origins on the allowlist may use the API,
//! but as nobody: their cookies are not looked at.

use http::{HeaderMap, HeaderValue, Method, StatusCode, header};

use super::answer::{self, Response};
use super::context::Context;
use crate::pure::wire::{ApiError, ErrorCode};

/// From where an API request may come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Source {
    /// Our own page, or no page at all.
    Own,
    /// An allowed other site, named in the answer.
    Allowed(HeaderValue),
}

/// Decides on an API request.
pub(super) fn check(
    context: &Context,
    method: &Method,
    headers: &HeaderMap,
    allowed: &[String],
) -> Result<Source, ApiError> {
    let origin = headers.get(header::ORIGIN);
    let own = origin.is_some_and(|origin| origin == context.origin().as_str());
    let other = origin.filter(|origin| allowed.iter().any(|allowed| *origin == allowed.as_str()));
    if let (false, Some(origin)) = (own, other) {
        return if method.is_safe() || has_mark(headers) {
            Ok(Source::Allowed(origin.clone()))
        } else {
            Err(FOREIGN)
        };
    }
    let site = headers.get("sec-fetch-site").map(HeaderValue::as_bytes);
    let fetched_here = matches!(site, None | Some(b"same-origin"));
    let good = if method.is_safe() {
        // Typed into the address bar, a GET has neither an origin nor a site.
        (own || origin.is_none()) && (fetched_here || site == Some(b"none"))
    } else {
        own && fetched_here && has_mark(headers)
    };
    if good { Ok(Source::Own) } else { Err(FOREIGN) }
}

/// The answer to a browser that asks before it lets a foreign page send something.
pub(super) fn preflight(origin: HeaderValue) -> Response {
    let mut response = answer::empty();
    *response.status_mut() = StatusCode::NO_CONTENT;
    let headers = response.headers_mut();
    let methods = HeaderValue::from_static("GET, POST, PUT, PATCH, DELETE");
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, methods);
    let names = HeaderValue::from_static("content-type, x-callbox");
    headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, names);
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
    allow(&mut response, origin);
    response
}

/// Lets the foreign page read this answer, without credentials.
pub(super) fn allow(response: &mut Response, origin: HeaderValue) {
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static("cross-origin"));
    headers.append(header::VARY, HeaderValue::from_static("origin"));
}

fn has_mark(headers: &HeaderMap) -> bool {
    headers.get("x-callbox").is_some_and(|value| value == "1")
}

const FOREIGN: ApiError = ApiError::new(ErrorCode::Forbidden, "not from this server's own page");

#[cfg(test)]
mod tests {
    use super::super::context::Channel;
    use super::*;

    fn checked(method: Method, headers: &[(&'static str, &str)]) -> Option<Source> {
        let context = Context {
            channel: Channel::Tls,
            client: [192, 0, 2, 1].into(),
            authority: "chat.example:3001".into(),
        };
        let headers =
            headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
        check(&context, &method, &headers.collect(), &["https://status.example".into()]).ok()
    }

    const OWN: (&str, &str) = ("origin", "https://chat.example:3001");
    const MARK: (&str, &str) = ("x-callbox", "1");

    #[test]
    fn our_page_may() {
        let site = ("sec-fetch-site", "same-origin");
        assert_eq!(checked(Method::POST, &[OWN, MARK, site]), Some(Source::Own));
        assert_eq!(checked(Method::POST, &[OWN, MARK]), Some(Source::Own));
        assert_eq!(checked(Method::GET, &[]), Some(Source::Own));
        assert_eq!(checked(Method::GET, &[("sec-fetch-site", "none")]), Some(Source::Own));
    }

    #[test]
    fn h45_requests_from_other_sites_are_refused() {
        for site in ["cross-site", "same-site", "none", ""] {
            let site = ("sec-fetch-site", site);
            assert_eq!(checked(Method::POST, &[OWN, MARK, site]), None, "{site:?}");
        }
        assert_eq!(checked(Method::POST, &[OWN]), None);
        assert_eq!(checked(Method::POST, &[MARK]), None);
        assert_eq!(checked(Method::GET, &[("sec-fetch-site", "cross-site")]), None);
    }

    #[test]
    fn h46_only_the_exact_origin_is_ours() {
        for origin in [
            "null",
            "https://chat.example",
            "https://chat.example:3002",
            "http://chat.example:3001",
            "https://a.chat.example:3001",
            "https://chat.example:3001.evil.example",
            "https://CHAT.example:3001",
            "https://chat.example:3001/",
        ] {
            assert_eq!(checked(Method::DELETE, &[("origin", origin), MARK]), None, "{origin}");
            assert_eq!(checked(Method::GET, &[("origin", origin)]), None, "{origin}");
        }
    }

    #[test]
    fn an_allowed_origin_is_named() {
        let origin = ("origin", "https://status.example");
        let allowed = Source::Allowed(HeaderValue::from_static("https://status.example"));
        let site = ("sec-fetch-site", "cross-site");
        assert_eq!(checked(Method::GET, &[origin, site]), Some(allowed.clone()));
        assert_eq!(checked(Method::POST, &[origin, site, MARK]), Some(allowed));
        assert_eq!(checked(Method::POST, &[origin, site]), None);
    }
}
