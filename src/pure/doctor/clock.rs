//! Is the clock right? Certificates, invitations and relay credentials go by it.

use super::certificate::span;
use super::{Check, Facts, Finding};
use crate::pure::wire::Millis;

pub(super) fn judge(facts: &Facts) -> Vec<Finding> {
    let check = Check::Clock;
    let clock = &facts.clock;
    let mut found = Vec::new();
    if let Some(newest) = clock.newest.filter(|newest| newest.since(facts.now).0 > SLACK) {
        found.push(Finding::fail(
            check,
            format!(
                "The clock goes back: the data was written {} from now.",
                span(newest.since(facts.now))
            ),
            SET,
        ));
    }
    match &clock.ahead {
        Some(Err(why)) => found.push(Finding::warn(
            check,
            format!("The time server does not answer: {why}."),
            "Try another with --ntp HOST.",
        )),
        Some(Ok(ahead)) => {
            let off = span(Millis(ahead.unsigned_abs()));
            let side = if *ahead > 0 { "behind" } else { "ahead" };
            found.push(match ahead.unsigned_abs() {
                ..=2_000 => Finding::ok(check, "It agrees with the time server."),
                2_001..=30_000 => {
                    Finding::warn(check, format!("It is {off} {side} the time server."), SET)
                }
                _ => Finding::fail(check, format!("It is {off} {side} the time server."), SET),
            });
        }
        None => {}
    }
    if !found.is_empty() {
        return found;
    }
    vec![match clock.synchronised {
        Some(true) => Finding::ok(check, "It is set by the network."),
        Some(false) => Finding::warn(check, "Nothing sets it.", SET),
        None => Finding::ok(
            check,
            "Nothing speaks against it; whether the network sets it cannot be seen from here. \
             `--ntp HOST` compares it.",
        ),
    }]
}

const SET: &str = "Have the network set it: `timedatectl set-ntp true`.";
const SLACK: u64 = 60_000;
