//! Origins of other sites: scheme, name and port, with nothing after them.

use super::check::ConfigError;

/// The origin that the client's files come from.
pub(super) fn of_assets(value: String) -> Result<String, ConfigError> {
    let refused =
        |reason| ConfigError::Value { name: "asset_origin", value: value.clone(), reason };
    let (scheme, host) = value.split_once("://").unwrap_or_default();
    // It becomes part of a page and of a policy, where other signs would mean something.
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-.:[]".contains(&b);
    if host.is_empty() || !host.bytes().all(plain) {
        return Err(refused(
            "an origin is https:// and a name in lower case, with nothing after it",
        ));
    }
    let here = ["127.0.0.1", "localhost", "[::1]"];
    let local = here.iter().any(|name| {
        host.strip_prefix(name).is_some_and(|port| port.is_empty() || port.starts_with(':'))
    });
    match scheme {
        "https" => Ok(value),
        "http" if local => Ok(value),
        _ => Err(refused("browsers load nothing over plain HTTP into a page that came over TLS")),
    }
}

/// Origins of other sites.
pub(super) fn list(values: Vec<String>) -> Result<Vec<String>, ConfigError> {
    for value in &values {
        let rest = value.strip_prefix("https://").or(value.strip_prefix("http://"));
        let bad = |c: char| c == '/' || c == '*' || c.is_whitespace() || c.is_ascii_uppercase();
        if rest.is_none_or(|host| host.is_empty() || host.contains(bad)) {
            return Err(ConfigError::Value {
                name: "allowed_origins",
                value: value.clone(),
                reason: "an origin is https:// and a name in lower case, with nothing after it",
            });
        }
    }
    Ok(values)
}
