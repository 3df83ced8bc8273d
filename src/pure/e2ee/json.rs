//! Strict JSON for what is signed: what one side would read differently from
//! the other is refused.

use serde::{Deserialize, Deserializer, de};

use crate::pure::wire::{Millis, Name};

/// The greatest integer that a JavaScript number holds exactly.
pub(super) const SAFE_INTEGER: u64 = (1 << 53) - 1;

/// A moment that both sides read alike.
pub(super) fn moment<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Millis, D::Error> {
    Millis::deserialize(deserializer).and_then(safe)
}

/// The same, or null; must be there.
pub(super) fn nullable_moment<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Millis>, D::Error> {
    Option::deserialize(deserializer)?.map(safe).transpose()
}

fn safe<E: de::Error>(moment: Millis) -> Result<Millis, E> {
    let fits = moment.0 <= SAFE_INTEGER;
    fits.then_some(moment).ok_or_else(|| E::custom("a time is at most 2^53 - 1"))
}

/// What may be left out, but not null.
pub(super) fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// A name that cleaning would not change, so that what is hashed is what is shown.
pub(super) fn clean_name<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Name, D::Error> {
    let text = String::deserialize(deserializer)?;
    clean(&text)
}

/// The same, or null; must be there.
pub(super) fn nullable_clean_name<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Name>, D::Error> {
    let text: Option<String> = Option::deserialize(deserializer)?;
    text.map(|text| clean(&text)).transpose()
}

fn clean<E: de::Error>(text: &str) -> Result<Name, E> {
    let name = Name::new(text).map_err(E::custom)?;
    if name.as_str() != text {
        return Err(E::custom("the name is not clean"));
    }
    Ok(name)
}
