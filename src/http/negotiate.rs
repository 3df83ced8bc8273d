//! What a client accepts and already has: `Accept-Encoding`, `If-None-Match`,
//! `Range` (RFC 9110 sections 12.5.3, 13.1.2 and 14).

use std::ops::Range;

use http::{HeaderMap, HeaderValue, header};

/// How a file is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Coding {
    Brotli,
    Gzip,
    Identity,
}

/// Part of a file, as asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    Whole,
    Bytes(Range<usize>),
    Unsatisfiable,
}

/// The best coding of those that exist; the client's order does not matter, ours does.
pub(super) fn coding(headers: &HeaderMap, brotli: bool, gzip: bool) -> Coding {
    if brotli && accepts(headers, "br") {
        Coding::Brotli
    } else if gzip && accepts(headers, "gzip") {
        Coding::Gzip
    } else {
        Coding::Identity
    }
}

fn accepts(headers: &HeaderMap, coding: &str) -> bool {
    let lines = headers.get_all(header::ACCEPT_ENCODING).iter();
    let items = lines.filter_map(|line| line.to_str().ok()).flat_map(|line| line.split(','));
    let mut any = false;
    for item in items.take(MAX_ITEMS) {
        let mut parts = item.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default();
        let weight = parts.find_map(|part| part.strip_prefix("q=")).unwrap_or("1");
        let wanted = weight.parse::<f32>().is_ok_and(|weight| weight > 0.0);
        if name.eq_ignore_ascii_case(coding) {
            return wanted;
        }
        any |= name == "*" && wanted;
    }
    any
}

/// Whether the client has this very representation. A list of more than a
/// kibibyte is none of ours and is not read.
pub(super) fn has(headers: &HeaderMap, etag: &HeaderValue) -> bool {
    let Some(list) = headers.get(header::IF_NONE_MATCH) else { return false };
    if list.len() > MAX_LIST {
        return false;
    }
    let Ok(list) = list.to_str() else { return false };
    list.split(',').map(str::trim).any(|tag| {
        tag == "*" || tag.strip_prefix("W/").unwrap_or(tag).as_bytes() == etag.as_bytes()
    })
}

/// The one range asked for. Several, or what is not a range, means the whole.
pub(super) fn part(headers: &HeaderMap, etag: &HeaderValue, length: usize) -> Part {
    if headers.get(header::IF_RANGE).is_some_and(|tag| tag != etag) {
        return Part::Whole;
    }
    let range = headers
        .get(header::RANGE)
        .filter(|value| value.len() <= MAX_LIST)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("bytes="))
        .and_then(|range| range.split_once('-'));
    let Some((first, last)) = range else { return Part::Whole };
    let range = match (number(first), number(last)) {
        (Some(first), _) if last.is_empty() => first..length,
        (Some(first), Some(last)) if first <= last => first..length.min(last.saturating_add(1)),
        (_, Some(suffix)) if first.is_empty() => length.saturating_sub(suffix)..length,
        _ => return Part::Whole,
    };
    if range.is_empty() { Part::Unsatisfiable } else { Part::Bytes(range) }
}

fn number(text: &str) -> Option<usize> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    // More digits than fit mean: beyond any end.
    digits.then(|| text.parse().unwrap_or(usize::MAX))
}

const MAX_LIST: usize = 1024;
const MAX_ITEMS: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: &'static str, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name.parse().unwrap(), value.parse().unwrap())])
    }

    #[test]
    fn the_best_accepted_coding_is_taken() {
        for (accept, expected) in [
            ("gzip, deflate, br, zstd", Coding::Brotli),
            ("gzip, deflate", Coding::Gzip),
            ("br;q=0, gzip;q=0.1", Coding::Gzip),
            ("br; q=0.0, gzip;q=0", Coding::Identity),
            ("*", Coding::Brotli),
            ("*;q=0", Coding::Identity),
            ("br;q=0, *", Coding::Gzip),
            ("BR", Coding::Brotli),
            ("br;q=x", Coding::Identity),
            ("identity", Coding::Identity),
            ("", Coding::Identity),
        ] {
            assert_eq!(
                coding(&headers("accept-encoding", accept), true, true),
                expected,
                "{accept}"
            );
        }
        assert_eq!(coding(&headers("accept-encoding", "br, gzip"), false, true), Coding::Gzip);
        assert_eq!(coding(&HeaderMap::new(), true, true), Coding::Identity);
    }

    #[test]
    fn h24_a_short_list_of_tags_is_read_a_long_one_is_not() {
        let etag = HeaderValue::from_static("\"abc\"");
        for (list, expected) in [
            ("\"abc\"", true),
            ("\"x\", W/\"abc\"", true),
            ("*", true),
            ("abc", false),
            ("\"ab\"", false),
            (&format!("{}\"abc\"", "\"x\",".repeat(16_384)), false),
        ] {
            assert_eq!(has(&headers("if-none-match", list), &etag), expected);
        }
    }

    #[test]
    fn h22_one_range_or_the_whole() {
        let etag = HeaderValue::from_static("\"abc\"");
        for (range, expected) in [
            ("bytes=0-0", Part::Bytes(0..1)),
            ("bytes=2-", Part::Bytes(2..10)),
            ("bytes=-3", Part::Bytes(7..10)),
            ("bytes=-99", Part::Bytes(0..10)),
            ("bytes=5-99999999999999999999999", Part::Bytes(5..10)),
            ("bytes=-0", Part::Unsatisfiable),
            ("bytes=10-", Part::Unsatisfiable),
            ("bytes=99999999999999999999999-", Part::Unsatisfiable),
            ("bytes=0-1,3-4", Part::Whole),
            ("bytes=0-1,0-1", Part::Whole),
            (&format!("bytes={}", "0-1,".repeat(10_000)), Part::Whole),
            ("bytes=3-2", Part::Whole),
            ("bytes=-", Part::Whole),
            ("bytes=+1-2", Part::Whole),
            ("lines=0-1", Part::Whole),
        ] {
            assert_eq!(part(&headers("range", range), &etag, 10), expected, "{range}");
        }
    }

    #[test]
    fn a_range_of_another_version_is_the_whole() {
        let etag = HeaderValue::from_static("\"abc\"");
        let mut headers = headers("range", "bytes=0-1");
        headers.insert(header::IF_RANGE, etag.clone());
        assert_eq!(part(&headers, &etag, 10), Part::Bytes(0..2));
        headers.insert(header::IF_RANGE, HeaderValue::from_static("\"old\""));
        assert_eq!(part(&headers, &etag, 10), Part::Whole);
    }
}
