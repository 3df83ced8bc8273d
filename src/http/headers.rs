//! The headers that every answer carries: what a page of ours may do.

use http::{HeaderValue, header};

use super::answer::Response;

/// The policy of this server's own pages and workers.
pub(super) const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
     img-src 'self' blob: data:; media-src 'self' blob:; font-src 'self'; \
     connect-src 'self'; worker-src 'self'; manifest-src 'self'; frame-ancestors 'none'; \
     base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; \
     trusted-types app-sw";

/// Tells browsers to come over TLS alone, for a year: to a name of ours that anybody can have a
/// certificate for. Names of a LAN and addresses are often somebody else's box tomorrow, and have
/// certificates that people must be able to accept.
pub(super) fn be_strict(response: &mut Response) {
    let year = HeaderValue::from_static("max-age=31536000");
    response.headers_mut().insert(header::STRICT_TRANSPORT_SECURITY, year);
}

/// Adds them; what a handler set itself stays.
pub(super) fn add(response: &mut Response) {
    for (name, value) in HEADERS {
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
}

const HEADERS: [(&str, &str); 6] = [
    // WebAssembly is the password protocol's; the policy `app-sw` (web/src/lib/trusted.ts) lets
    // the addresses of our own workers through.
    ("content-security-policy", POLICY),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("referrer-policy", "no-referrer"),
    ("x-content-type-options", "nosniff"),
    (
        "permissions-policy",
        "camera=(self), microphone=(self), display-capture=(self), fullscreen=(self), \
         autoplay=(self), speaker-selection=(self), geolocation=(), usb=(), payment=()",
    ),
];
