//! How devices come to trust the authority that this server makes for itself:
//! a page that people can open before they trust it, over plain HTTP, the
//! files that systems install, and the answer that only reaches those who do.
//! Nothing secret is here, and no page of the client.

mod page;
mod words;

use http::request::Parts;
use http::{HeaderValue, Method, StatusCode, header};

use self::page::Page;
use self::words::Words;
use super::answer::{self, Response};
use super::hosts::{Authority, Host};
use super::state::State;

/// Where a request came in.
pub(super) struct Place<'a> {
    pub authority: &'a Authority,
    /// Name and port of the same place over TLS.
    pub secure: String,
    /// Over plain HTTP from another computer.
    pub plain: bool,
}

/// Where that page is, of a server that others reach at `site`, as in `https://box.local:3001`:
/// over plain HTTP, which is spoken on the same port. Nobody trusts the other one yet. Nothing
/// when only this computer can connect.
pub fn page_at(site: &str) -> Option<String> {
    let place = site.strip_prefix("https://")?;
    let port = place.rsplit_once(']').map_or(place, |(_, port)| port).contains(':');
    Some(if port { format!("http://{place}/trust") } else { format!("http://{place}:443/trust") })
}

/// Answers what is about trust; nothing when this is about something else.
pub(super) fn answer(state: &State, head: &Parts, place: &Place<'_>) -> Option<Response> {
    let local = state.certificates.local().filter(|_| state.facts.own_authority)?;
    if let Host::Name(name) = &place.authority.host
        && state.certificates.is_elsewhere(name)
    {
        return None;
    }
    if head.method != Method::GET && head.method != Method::HEAD {
        return None;
    }
    Some(match head.uri.path() {
        "/ca.crt" => file(local.der(), "application/x-x509-ca-cert", Some("callbox.crt")),
        "/ca.pem" => file(local.report().pem, "application/x-pem-file", Some("callbox.pem")),
        "/ca.mobileconfig" => {
            let kind = "application/x-apple-aspen-config";
            file(local.profile(), kind, Some("callbox.mobileconfig"))
        }
        "/trust.css" => file(page::STYLE, "text/css; charset=utf-8", None),
        "/trust.js" => file(page::SCRIPT, "text/javascript; charset=utf-8", None),
        "/trusted" if !place.plain => trusted(head, place.authority),
        path if path == "/trust" || place.plain && is_opened(head) => {
            let words = Words::of(&head.headers);
            let authority = local.report();
            Page { words, authority: &authority, place }.answer()
        }
        _ => return None,
    })
}

/// Whether a person goes to a page. Over plain HTTP browsers say nothing but what they take.
fn is_opened(head: &Parts) -> bool {
    let kinds = head.headers.get(header::ACCEPT).map(HeaderValue::as_bytes);
    kinds.is_some_and(|kinds| kinds.starts_with(b"text/html"))
}

/// Who gets to read this trusts the certificate. The page over plain HTTP of the same host may.
fn trusted(head: &Parts, authority: &Authority) -> Response {
    let mut response = answer::plain(StatusCode::OK, "trusted\n");
    let origin = head.headers.get(header::ORIGIN);
    let asks =
        origin.and_then(|origin| Authority::parse(origin.to_str().ok()?.strip_prefix("http://")?));
    if let (Some(origin), Some(asks)) = (origin, asks)
        && asks.host == authority.host
    {
        let headers = response.headers_mut();
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        headers.insert("cross-origin-resource-policy", HeaderValue::from_static("cross-origin"));
    }
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("origin"));
    response
}

fn file(bytes: impl Into<bytes::Bytes>, kind: &'static str, name: Option<&str>) -> Response {
    let mut response = answer::plain(StatusCode::OK, bytes);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    if let Some(name) = name {
        let text = format!("attachment; filename=\"{name}\"");
        let value = HeaderValue::from_str(&text).expect("our names are header text");
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::page_at;

    #[test]
    fn the_page_is_on_the_port_of_the_site_over_plain_http() {
        for (site, page) in [
            ("https://box.local:3001", Some("http://box.local:3001/trust")),
            ("https://192.168.1.5", Some("http://192.168.1.5:443/trust")),
            ("https://[fd00::5]:3001", Some("http://[fd00::5]:3001/trust")),
            ("https://[fd00::5]", Some("http://[fd00::5]:443/trust")),
            ("http://localhost:3001", None),
        ] {
            assert_eq!(page_at(site).as_deref(), page, "{site}");
        }
    }
}
