//! What is wrong with an installation, from what was found out about it.
//!
//! Probes elsewhere gather [`Facts`]; here each becomes findings: a verdict, plain words, and the
//! cure where there is one. Nothing here looks anything up. The order in which the external
//! address is found is that of the design: a setting, this computer's own interfaces, a
//! certificate that proves it, the router, a server outside.

mod certificate;
mod clock;
mod external;
mod facts;
mod machine;
mod names;
mod ports;
mod relay;
mod report;
mod server;

#[cfg(test)]
mod tests;

pub use external::is_internal;
pub use facts::{
    Certificate, Clock, Database, Disk, Facts, Holder, Limits, Mapped, Name, Outside, Pass, Port,
    PortState, Protocol, Purpose, Relay, RelayFault, RelayTry, Seen, Server, Source, Transport,
};
pub use report::{Counts, Report};

pub use crate::pure::wire::doctor::{Check, Finding, Verdict};

impl Finding {
    fn ok(check: Check, says: impl Into<String>) -> Self {
        Self { check, verdict: Verdict::Ok, says: says.into(), cure: None }
    }

    fn warn(check: Check, says: impl Into<String>, cure: impl Into<String>) -> Self {
        Self { check, verdict: Verdict::Warn, says: says.into(), cure: Some(cure.into()) }
    }

    fn fail(check: Check, says: impl Into<String>, cure: impl Into<String>) -> Self {
        Self { check, verdict: Verdict::Fail, says: says.into(), cure: Some(cure.into()) }
    }
}

/// Judges everything, in the order in which people would look.
pub fn examine(facts: &Facts) -> Report {
    let mut findings = server::judge(facts);
    findings.extend(names::judge(facts));
    findings.extend(external::judge(facts));
    findings.extend(ports::judge(facts));
    findings.extend(certificate::judge(facts));
    findings.extend(clock::judge(facts));
    findings.extend(relay::judge(facts));
    findings.extend(machine::judge(facts));
    Report { running: matches!(facts.server, Server::Running { .. }), findings }
}

/// Several as one reads them: `a, b and c`.
fn list<T: ToString>(items: impl IntoIterator<Item = T>) -> String {
    let mut texts: Vec<String> = items.into_iter().map(|item| item.to_string()).collect();
    match texts.pop() {
        None => String::new(),
        Some(last) if texts.is_empty() => last,
        Some(last) => format!("{} and {last}", texts.join(", ")),
    }
}
