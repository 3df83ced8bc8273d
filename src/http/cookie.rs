//! The two cookies: who is signed in, and which device this browser is.
//!
//! Over TLS they are `__Host-sid` and `__Host-dev`, which a browser takes only
//! from this very host over TLS, so neither plain HTTP nor a sub-domain can
//! plant one. On plain HTTP to a loopback name they have other names, which
//! TLS ignores.

use http::{HeaderMap, HeaderValue, header};

use super::context::{Channel, Context};
use crate::pure::auth::token::Token;

/// `Set-Cookie` that signs this browser in, for as long as a session can last.
pub fn set(context: &Context, token: &Token) -> HeaderValue {
    line(context, SESSION, &token.text(), SESSION_SECONDS)
}

/// `Set-Cookie` that signs this browser out.
pub fn clear(context: &Context) -> HeaderValue {
    line(context, SESSION, "", 0)
}

/// `Set-Cookie` by which this browser is known again as the same device.
pub fn set_device(context: &Context, mark: &str) -> HeaderValue {
    line(context, DEVICE, mark, DEVICE_SECONDS)
}

/// `Set-Cookie` that makes this browser a stranger.
pub fn clear_device(context: &Context) -> HeaderValue {
    line(context, DEVICE, "", 0)
}

/// The token of the request, from the cookie of its channel.
pub fn read(context: &Context, headers: &HeaderMap) -> Option<Token> {
    value(context, headers, SESSION).and_then(Token::parse)
}

/// The device mark of the request, still to be verified.
pub fn device<'a>(context: &Context, headers: &'a HeaderMap) -> Option<&'a str> {
    value(context, headers, DEVICE)
}

fn value<'a>(context: &Context, headers: &'a HeaderMap, cookie: Cookie) -> Option<&'a str> {
    let name = name(context, cookie)?;
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(key, value)| (key == name).then_some(value))
}

/// A cookie's name over TLS and on loopback.
type Cookie = (&'static str, &'static str);

const SESSION: Cookie = ("__Host-sid", "callbox-sid");
const DEVICE: Cookie = ("__Host-dev", "callbox-dev");

fn name(context: &Context, (tls, loopback): Cookie) -> Option<&'static str> {
    match context.channel {
        Channel::Tls => Some(tls),
        Channel::Loopback => Some(loopback),
        Channel::Plain | Channel::Admin => None,
    }
}

fn line(context: &Context, cookie: Cookie, value: &str, max_age: u64) -> HeaderValue {
    let name = name(context, cookie).unwrap_or(cookie.1);
    let secure = if context.channel == Channel::Tls { " Secure;" } else { "" };
    let text =
        format!("{name}={value}; Path=/;{secure} HttpOnly; SameSite=Strict; Max-Age={max_age}");
    let mut line = HeaderValue::from_str(&text).expect("base64 and digits are header text");
    line.set_sensitive(true);
    line
}

/// 180 days: a session's absolute end.
const SESSION_SECONDS: u64 = 180 * 24 * 3600;

/// 400 days: the longest that browsers keep a cookie.
const DEVICE_SECONDS: u64 = 400 * 24 * 3600;

#[cfg(test)]
mod tests {
    use super::*;

    fn context(channel: Channel) -> Context {
        Context { channel, client: [127, 0, 0, 1].into(), authority: "localhost".into() }
    }

    fn sent(cookie: &str) -> HeaderMap {
        HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_str(cookie).unwrap())])
    }

    #[test]
    fn a_cookie_reads_back_on_its_channel_only() {
        for (channel, other) in
            [(Channel::Tls, Channel::Loopback), (Channel::Loopback, Channel::Tls)]
        {
            let line = set(&context(channel), &Token::from_bytes([7; 32]));
            let pair = line.to_str().unwrap().split(';').next().unwrap().to_owned();
            let headers = sent(&format!("a=b; {pair}; c=d"));
            assert_eq!(read(&context(channel), &headers), Some(Token::from_bytes([7; 32])));
            assert_eq!(read(&context(other), &headers), None);
            assert_eq!(read(&context(Channel::Plain), &headers), None);
        }
    }

    #[test]
    fn over_tls_the_cookie_is_bound_to_the_host() {
        let line = set(&context(Channel::Tls), &Token::from_bytes([7; 32]));
        let text = line.to_str().unwrap();
        assert!(text.starts_with("__Host-sid="), "{text}");
        assert!(text.contains("; Path=/; Secure; HttpOnly; SameSite=Strict;"), "{text}");
    }

    #[test]
    fn other_values_are_no_tokens() {
        for value in ["", "x", "AAAA", &"A".repeat(44), "\"\""] {
            let headers = sent(&format!("callbox-sid={value}"));
            assert_eq!(read(&context(Channel::Loopback), &headers), None, "{value}");
        }
    }
}
