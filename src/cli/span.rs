//! Spans of time as people write and read them: `30m`, `12h`, `7d`.

use crate::http::now;
use crate::pure::wire::Millis;

/// Reads a span from 5 minutes to 90 days.
pub(super) fn parse(text: &str) -> Result<Millis, String> {
    const FORM: &str = "a span is a number of minutes, hours or days: 30m, 12h, 7d";
    let unit = match text.as_bytes().last() {
        Some(b'm') => MINUTE,
        Some(b'h') => HOUR,
        Some(b'd') => DAY,
        _ => return Err(FORM.to_owned()),
    };
    let count: u64 = text[..text.len() - 1].parse().map_err(|_| FORM.to_owned())?;
    match count.checked_mul(unit) {
        Some(span) if (5 * MINUTE..=90 * DAY).contains(&span) => Ok(Millis(span)),
        _ => Err("a link works for at least 5m and at most 90d".to_owned()),
    }
}

/// How long it is from now to a moment, in its largest unit.
pub(super) fn until(moment: Millis) -> String {
    write(moment.since(now()))
}

/// A span in its largest unit.
pub(super) fn of(span: Millis) -> String {
    write(span)
}

/// Whether a moment has been.
pub(super) fn is_past(moment: Millis) -> bool {
    moment <= now()
}

fn write(span: Millis) -> String {
    // Rounded, so that what was asked for is what is shown a moment later.
    let (unit, word) = match span.0 {
        ms if ms >= 36 * HOUR => (DAY, "day"),
        ms if ms >= 90 * MINUTE => (HOUR, "hour"),
        _ => (MINUTE, "minute"),
    };
    let count = (span.0 + unit / 2) / unit;
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {word}{plural}")
}

const MINUTE: u64 = 60_000;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read_within_their_bounds() {
        assert_eq!(parse("7d"), Ok(Millis(7 * DAY)));
        assert_eq!(parse("12h"), Ok(Millis(12 * HOUR)));
        assert_eq!(parse("5m"), Ok(Millis(5 * MINUTE)));
        for text in ["", "7", "d", "-1d", "7w", "4m", "91d", "1é", "99999999999999999999d"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn spans_are_written_in_their_largest_unit() {
        assert_eq!(write(Millis(7 * DAY - 5)), "7 days");
        assert_eq!(write(Millis(24 * HOUR - 5)), "24 hours");
        assert_eq!(write(Millis(30 * MINUTE)), "30 minutes");
        assert_eq!(write(Millis(MINUTE)), "1 minute");
    }
}
