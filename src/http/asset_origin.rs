//! The client's files from another origin, such as a CDN's.
//!
//! Those under `assets/` have their hash in their name and may come from anywhere: the page, which
//! always comes from here, says by SHA-384 what they must be (Subresource Integrity; for modules
//! that other modules load, by the `integrity` of an import map). The policy lets scripts, styles
//! and fonts come from below `assets/` of that origin and nothing else. Workers must be of the
//! page's own origin, and stay here with all that they load.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::HeaderValue;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256, Sha384};

use super::assets::{self, ASSETS, INDEX};
use super::headers::POLICY;

/// Another origin, with the page and the policy for it.
#[derive(Debug)]
pub struct AssetOrigin {
    index: Bytes,
    policy: HeaderValue,
}

impl AssetOrigin {
    /// Files come from this origin: checked, without a slash at its end.
    pub fn new(origin: &str) -> Self {
        let embedded = assets::bytes(INDEX).unwrap_or_default();
        let embedded = String::from_utf8_lossy(&embedded);
        let modules = assets::client_files()
            .into_iter()
            .filter(|(name, _)| name.starts_with(ASSETS) && name.ends_with(".js"))
            .map(|(name, _)| (format!("{origin}/{name}"), Value::from(integrity(&name))))
            .collect::<Map<_, _>>();
        // Escaped, so that nothing in it ends the element; names of files have no such signs anyway.
        let map = json!({ "integrity": modules }).to_string().replace('<', "\\u003c");
        let hash = STANDARD.encode(Sha256::digest(&map));
        let index = point(&embedded, origin).replacen(
            "<script",
            &format!("<script type=\"importmap\">{map}</script>\n    <script"),
            1,
        );
        let below = format!("'self' {origin}/{ASSETS}");
        let policy = POLICY
            .replace("script-src 'self'", &format!("script-src {below} 'sha256-{hash}'"))
            .replace("style-src 'self'", &format!("style-src {below}"))
            .replace("img-src 'self'", &format!("img-src {below}"))
            .replace("font-src 'self'", &format!("font-src {below}"));
        let policy = HeaderValue::from_str(&policy).expect("origins and base64 are header text");
        Self { index: Bytes::from(index), policy }
    }

    /// The page.
    pub(super) fn index(&self) -> &Bytes {
        &self.index
    }

    /// What the page may load.
    pub(super) fn policy(&self) -> HeaderValue {
        self.policy.clone()
    }
}

/// The page with the addresses of its files at the origin, and what they must be.
fn point(page: &str, origin: &str) -> String {
    const ADDRESS: &str = "=\"/assets/";
    let mut pointed = String::with_capacity(page.len() * 2);
    let mut rest = page;
    while let Some((before, after)) = rest.split_once(ADDRESS) {
        let (file, after) = after.split_once('"').unwrap_or((after, ""));
        let name = format!("{ASSETS}{file}");
        let integrity = integrity(&name);
        pointed.push_str(&format!("{before}=\"{origin}/{name}\" integrity=\"{integrity}\""));
        rest = after;
    }
    pointed + rest
}

/// What a file must be.
fn integrity(name: &str) -> String {
    let bytes = assets::bytes(name).unwrap_or_default();
    format!("sha384-{}", STANDARD.encode(Sha384::digest(&bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_files_point_elsewhere_and_others_stay() {
        let page = "<link href=\"/icon.svg\"><script type=\"module\" src=\"/assets/a-1.js\">";
        let empty = integrity("assets/a-1.js");
        assert_eq!(
            point(page, "https://b.example"),
            format!(
                "<link href=\"/icon.svg\"><script type=\"module\" src=\"https://b.example/assets/a-1.js\" integrity=\"{empty}\">"
            )
        );
    }

    #[test]
    fn the_policy_lets_in_what_is_below_assets_and_nothing_else() {
        let origin = AssetOrigin::new("https://b.example");
        let policy = origin.policy().to_str().unwrap().to_owned();
        assert!(policy.contains("style-src 'self' https://b.example/assets/;"), "{policy}");
        for part in ["connect-src 'self';", "worker-src 'self';", "default-src 'none';"] {
            assert!(policy.contains(part), "{policy}");
        }
        assert_eq!(policy.matches("https://b.example").count(), 4, "{policy}");
        assert!(!policy.contains("unsafe-inline"));
    }
}
