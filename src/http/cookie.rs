//! The session cookie: set, cleared and read.
//!
//! Over TLS it is `__Host-sid`, which a browser takes only from this very
//! host over TLS, so neither plain HTTP nor a sub-domain can plant one. On
//! plain HTTP to a loopback name it has another name, which TLS ignores.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{HeaderMap, HeaderValue, header};

use super::context::{Channel, Context};

/// The secret that names a session; only its hash is ever stored.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Token(pub [u8; 32]);

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token")
    }
}

/// `Set-Cookie` that signs this browser in, for as long as a session can last.
pub fn set(context: &Context, token: &Token) -> HeaderValue {
    line(context, &URL_SAFE_NO_PAD.encode(token.0), SESSION_SECONDS)
}

/// `Set-Cookie` that signs this browser out.
pub fn clear(context: &Context) -> HeaderValue {
    line(context, "", 0)
}

/// The token of the request, from the cookie of its channel.
pub fn read(context: &Context, headers: &HeaderMap) -> Option<Token> {
    let name = name(context)?;
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .and_then(|(_, value)| URL_SAFE_NO_PAD.decode(value).ok())
        .and_then(|bytes| bytes.try_into().ok())
        .map(Token)
}

fn name(context: &Context) -> Option<&'static str> {
    match context.channel {
        Channel::Tls => Some("__Host-sid"),
        Channel::Loopback => Some("callbox-sid"),
        Channel::Plain | Channel::Admin => None,
    }
}

fn line(context: &Context, value: &str, max_age: u64) -> HeaderValue {
    let name = name(context).unwrap_or("callbox-sid");
    let secure = if context.channel == Channel::Tls { " Secure;" } else { "" };
    let text =
        format!("{name}={value}; Path=/;{secure} HttpOnly; SameSite=Strict; Max-Age={max_age}");
    let mut line = HeaderValue::from_str(&text).expect("base64 and digits are header text");
    line.set_sensitive(true);
    line
}

/// 180 days: a session's absolute end.
const SESSION_SECONDS: u64 = 180 * 24 * 3600;

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
            let line = set(&context(channel), &Token([7; 32]));
            let pair = line.to_str().unwrap().split(';').next().unwrap().to_owned();
            let headers = sent(&format!("a=b; {pair}; c=d"));
            assert_eq!(read(&context(channel), &headers), Some(Token([7; 32])));
            assert_eq!(read(&context(other), &headers), None);
            assert_eq!(read(&context(Channel::Plain), &headers), None);
        }
    }

    #[test]
    fn over_tls_the_cookie_is_bound_to_the_host() {
        let line = set(&context(Channel::Tls), &Token([7; 32]));
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
