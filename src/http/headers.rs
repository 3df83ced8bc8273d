//! The headers that every answer carries: what a page of ours may do.

use http::HeaderValue;

use super::answer::Response;

/// Adds them; what a handler set itself stays.
pub(super) fn add(response: &mut Response) {
    for (name, value) in HEADERS {
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
}

const HEADERS: [(&str, &str); 6] = [
    // WebAssembly is the password protocol's; the policy `app-sw` names our workers' scripts. the policy `app-sw` (web/src/lib/trusted.ts) lets
    // the addresses of our own workers through.
    (
        "content-security-policy",
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
         img-src 'self' blob: data:; media-src 'self' blob:; font-src 'self'; \
         connect-src 'self'; worker-src 'self'; manifest-src 'self'; frame-ancestors 'none'; \
         base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; \
         trusted-types app-sw",
    ),
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
