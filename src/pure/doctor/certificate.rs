//! Will browsers like the certificate, and for how long?

use super::{Certificate, Check, Facts, Finding, Source, list};
use crate::pure::wire::Millis;

pub(super) fn judge(facts: &Facts) -> Vec<Finding> {
    facts.certificates.iter().map(|certificate| of(certificate, facts)).collect()
}

fn of(certificate: &Certificate, facts: &Facts) -> Finding {
    let check = Check::Certificate;
    let Certificate { name, source, seen, trouble } = certificate;
    let seen = match seen {
        Ok(seen) => seen,
        Err(why) => {
            let cure = match source {
                Source::File => "Correct the files given with --tls-cert and --tls-key.",
                Source::Acme | Source::Own => "See the log of the server.",
            };
            return Finding::fail(check, format!("{name}: no certificate: {why}."), cure);
        }
    };
    if seen.from > facts.now {
        return Finding::fail(
            check,
            format!(
                "{name}: the certificate is not good yet, only in {}.",
                span(seen.from.since(facts.now))
            ),
            "Set the clock of this computer right.",
        );
    }
    if seen.until <= facts.now {
        return Finding::fail(
            check,
            format!("{name}: the certificate expired {} ago.", span(facts.now.since(seen.until))),
            renew(*source, trouble.as_deref()),
        );
    }
    if *source == Source::Acme && seen.made_here {
        let why = trouble.as_deref().map_or("not yet".to_owned(), |why| format!("not yet: {why}"));
        return Finding::warn(
            check,
            format!("{name}: no certificate was obtained, {why}. Browsers warn until then."),
            renew(*source, trouble.as_deref()),
        );
    }
    if !seen.names.iter().any(|held| covers(held, name)) && *source != Source::Own {
        return Finding::fail(
            check,
            format!("{name}: the certificate is for {} only.", list(&seen.names)),
            "Use one that has this name, or take the name out of --domain.",
        );
    }
    let left = seen.until.since(facts.now);
    let good = format!("good for {} more", span(left));
    if *source == Source::Own || seen.made_here {
        let says = format!("{name}: made by this server and its own authority, {good}");
        return match facts.exposed {
            false => Finding::ok(check, format!("{says}.")),
            true => Finding::warn(
                check,
                format!("{says}; devices that were not told to trust it warn."),
                "Let each device trust the authority once: `callbox ca show` tells where. \
                 Or give a public name with --domain, or files with --tls-cert.",
            ),
        };
    }
    // Those who renew begin with a third left.
    let lifetime = seen.until.since(seen.from);
    let soon = left.0 < (lifetime.0 / 4).min(14 * DAY);
    if soon || trouble.is_some() {
        let why = trouble.as_deref().map_or(String::new(), |why| format!("; no newer one: {why}"));
        return Finding::warn(
            check,
            format!("{name}: {good} only{why}."),
            renew(*source, trouble.as_deref()),
        );
    }
    Finding::ok(check, format!("{name}: {good}."))
}

fn renew(source: Source, trouble: Option<&str>) -> &'static str {
    match (source, trouble) {
        (Source::File, _) => {
            "Renew the files given with --tls-cert and --tls-key; they are watched."
        }
        (Source::Acme, _) => {
            "The name must lead here and port 443 (80 for http-01) must be open to the internet; \
             the server tries again by itself."
        }
        (Source::Own, _) => "Restart the server: it makes another.",
    }
}

/// Whether a name in a certificate is good for this one (RFC 6125, 6.4).
pub(super) fn covers(held: &str, name: &str) -> bool {
    if held.eq_ignore_ascii_case(name) {
        return true;
    }
    match (held.strip_prefix("*."), name.split_once('.')) {
        (Some(parent), Some((first, rest))) => {
            !first.is_empty() && parent.eq_ignore_ascii_case(rest)
        }
        _ => false,
    }
}

/// In days where there are some.
pub(super) fn span(time: Millis) -> String {
    let (count, unit) = match time.0 {
        ms if ms >= 2 * DAY => (ms / DAY, "days"),
        ms if ms >= 2 * HOUR => (ms / HOUR, "hours"),
        ms if ms >= 120_000 => (ms / 60_000, "minutes"),
        ms => (ms / 1000, "seconds"),
    };
    format!("{count} {unit}")
}

const HOUR: u64 = 3_600_000;
const DAY: u64 = 24 * HOUR;
