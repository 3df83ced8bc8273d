//! Do the names lead here?

use std::net::IpAddr;

use super::{Check, Facts, Finding, Name, Source, list};

pub(super) fn judge(facts: &Facts) -> Vec<Finding> {
    let check = Check::Names;
    if facts.names.is_empty() {
        let says = "No name is set: people come by an address of this computer.";
        return vec![match facts.exposed {
            true => Finding::warn(
                check,
                says,
                "Give a name that leads here with --domain, for a certificate that browsers know.",
            ),
            false => Finding::ok(check, "No name is needed: it serves this computer alone."),
        }];
    }
    facts.names.iter().map(|name| of(name, facts)).collect()
}

fn of(Name { name, addresses }: &Name, facts: &Facts) -> Finding {
    let check = Check::Names;
    let addresses = match addresses {
        Err(why) => {
            return Finding::fail(
                check,
                format!("{name} cannot be looked up: {why}."),
                format!("Add an A or AAAA record for {name} that leads to this computer."),
            );
        }
        Ok(addresses) if addresses.is_empty() => {
            return Finding::fail(
                check,
                format!("{name} has no address."),
                format!("Add an A or AAAA record for {name} that leads to this computer."),
            );
        }
        Ok(addresses) => addresses,
    };
    let at = list(addresses);
    let known = |ip: &IpAddr| {
        facts.own.contains(ip)
            || facts.external.contains(ip)
            || ip.is_loopback()
            || facts.outside.gateway.as_ref().is_some_and(|seen| seen.as_ref() == Ok(ip))
            || facts
                .outside
                .stun
                .as_ref()
                .is_some_and(|seen| seen.as_ref().is_ok_and(|seen| seen.seen.ip() == *ip))
    };
    let foreign: Vec<_> = addresses.iter().filter(|ip| !known(ip)).collect();
    if foreign.is_empty() {
        return Finding::ok(check, format!("{name} leads to {at}, which is this computer."));
    }
    if facts.proxied {
        return Finding::ok(
            check,
            format!("{name} leads to {at}: the proxy in front, presumably."),
        );
    }
    if proves(name, facts) {
        return Finding::ok(
            check,
            format!("{name} leads to {at}, and here: a certificate was obtained by it."),
        );
    }
    let elsewhere = list(foreign.iter().copied());
    if foreign.len() < addresses.len() {
        return Finding::fail(
            check,
            format!("{name} leads to {at}, of which {elsewhere} is not this computer."),
            "Remove the record that leads elsewhere: some people end there, by chance.",
        );
    }
    let own = match facts.own.is_empty() {
        true => "it has none that others can use".to_owned(),
        false => format!("its own are {}", list(&facts.own)),
    };
    Finding::warn(
        check,
        format!("{name} leads to {elsewhere}, which no interface of this computer has ({own})."),
        "Right behind a router that forwards the ports: then all is well, and `--stun` or \
         `--gateway` can confirm it. Else correct the record.",
    )
}

/// Whether an authority has found this server by this name.
pub(super) fn proves(name: &str, facts: &Facts) -> bool {
    facts.certificates.iter().any(|held| {
        let good = held.seen.as_ref().is_ok_and(|seen| seen.until > facts.now && !seen.made_here);
        held.source == Source::Acme && held.name == name && good
    })
}
