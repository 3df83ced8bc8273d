//! Names that people choose: of themselves and of rooms.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, de};
use unicode_normalization::UnicodeNormalization;

use super::limits;

/// A name fit to be shown: NFC, trimmed, single-spaced, without control,
/// bidi or zero-width characters, 1 to 64 characters and at most 256 bytes.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(test, ts(type = "string"))]
pub struct Name(String);

/// Why a text cannot be a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidName {
    #[error("a name needs at least one visible character")]
    Empty,
    #[error("a name has at most 64 characters and 256 bytes")]
    TooLong,
}

impl Name {
    /// Cleans a text and makes it a name.
    pub fn new(text: &str) -> Result<Self, InvalidName> {
        // A cap before any work, so that a huge text costs nothing.
        if text.len() > 4 * limits::NAME_BYTES {
            return Err(InvalidName::TooLong);
        }
        let mut clean = String::with_capacity(text.len());
        let mut marks = 0;
        for c in text.nfc().filter(|c| !is_hidden(*c)) {
            if c.is_whitespace() {
                if !clean.is_empty() && !clean.ends_with(' ') {
                    clean.push(' ');
                }
                continue;
            }
            // More than two marks on one letter only serve to deface a screen.
            marks = if unicode_normalization::char::is_combining_mark(c) { marks + 1 } else { 0 };
            if marks <= 2 {
                clean.push(c);
            }
        }
        let clean = clean.trim_end().to_owned();
        if !clean.chars().any(|c| !unicode_normalization::char::is_combining_mark(c)) {
            return Err(InvalidName::Empty);
        }
        if clean.chars().count() > limits::NAME_CHARS || clean.len() > limits::NAME_BYTES {
            return Err(InvalidName::TooLong);
        }
        Ok(Self(clean))
    }

    /// The name as shown.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What decides whether two names are the same: NFKC, lower case.
    pub fn key(&self) -> String {
        self.0.nfkc().flat_map(char::to_lowercase).nfkc().collect()
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::new(&text).map_err(de::Error::custom)
    }
}

/// Controls, bidi overrides and isolates, zero-width and other invisible
/// format characters. The joiners stay: scripts and emoji need them.
fn is_hidden(c: char) -> bool {
    (c.is_control() && !c.is_whitespace())
        || matches!(c,
            '\u{00ad}' | '\u{034f}' | '\u{061c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> Result<String, InvalidName> {
        Name::new(text).map(|n| n.as_str().to_owned())
    }

    #[test]
    fn a_name_is_cleaned() {
        assert_eq!(name("  Anna \t Berg\n").as_deref(), Ok("Anna Berg"));
        assert_eq!(name("a\u{202e}b\u{200b}c\0").as_deref(), Ok("abc"));
        assert_eq!(name("e\u{301}").as_deref(), Ok("é"));
        assert_eq!(name(&format!("x{}", "\u{316}".repeat(100))).as_deref(), Ok("x\u{316}\u{316}"));
    }

    #[test]
    fn a_name_must_be_visible_and_short() {
        assert_eq!(name(" \u{200b}\u{202e} "), Err(InvalidName::Empty));
        assert_eq!(name("\u{301}\u{301}"), Err(InvalidName::Empty));
        assert_eq!(name(&"a".repeat(65)), Err(InvalidName::TooLong));
        assert_eq!(name(&"👩".repeat(65)), Err(InvalidName::TooLong));
        assert_eq!(name(&"\u{301}".repeat(1_000_000)), Err(InvalidName::TooLong));
        assert_eq!(name(&"a".repeat(64)).map(|n| n.len()), Ok(64));
    }

    #[test]
    fn case_and_width_do_not_make_another_person() {
        let key = |text| Name::new(text).expect("a name").key();
        assert_eq!(key("Anna"), key("ａNNA"));
        assert_ne!(key("Anna"), key("Hanna"));
    }
}
