//! By which address do others know this computer?
//!
//! A setting wins; then an interface that has the address of the name; then a certificate, which
//! proves that the name leads here; then the router; then a server outside.

use std::net::IpAddr;

use super::{Check, Facts, Finding, Mapped, list, names};

pub(super) fn judge(facts: &Facts) -> Vec<Finding> {
    let check = Check::Address;
    let mut found = vec![match find(facts) {
        Some((address, how)) => Finding::ok(check, format!("Others know it as {address}: {how}.")),
        None => unknown(facts),
    }];
    let outside = found_outside(facts);
    if let Some(said) = facts.external.iter().find(|ip| ip.is_ipv4())
        && let Some((seen, who)) = outside
        && seen != *said
        && seen.is_ipv4()
    {
        found.push(Finding::fail(
            check,
            format!("turn_external_ip says {said}, but {who} {seen}."),
            format!("Set --turn-external-ip {seen}, or leave it out."),
        ));
    }
    if facts.open_relay
        && facts.external.is_empty()
        && !facts.own.iter().any(|ip| !is_internal(*ip))
    {
        let cure = match outside.filter(|(ip, _)| !is_internal(*ip)) {
            Some((ip, _)) => format!("Set --turn-external-ip {ip}."),
            None => "Give the public address with --turn-external-ip.".to_owned(),
        };
        found.push(Finding::fail(
            check,
            "The relay is open to the internet, and gives out an address that only this network knows.",
            cure,
        ));
    }
    if let Some(Err(why)) = &facts.outside.gateway {
        found.push(Finding::warn(
            check,
            format!("The router does not say its address: {why}."),
            "Many routers do not; `--stun HOST:PORT` asks a server outside instead.",
        ));
    }
    match &facts.outside.stun {
        Some(Err(why)) => found.push(Finding::warn(
            check,
            format!("The STUN server does not answer: {why}."),
            "Try another, or see whether UDP gets out of this network.",
        )),
        Some(Ok(Mapped { here, seen })) if here.port() != seen.port() => {
            found.push(Finding::warn(
                check,
                format!(
                    "Address translation gives out other ports ({} became {}).",
                    here.port(),
                    seen.port()
                ),
                "Forward the server's ports to this computer in the router.",
            ));
        }
        _ => {}
    }
    found
}

/// The address, and how it is known.
fn find(facts: &Facts) -> Option<(String, String)> {
    if !facts.external.is_empty() {
        return Some((list(&facts.external), "turn_external_ip says so".into()));
    }
    let led = |name: &super::Name| name.addresses.clone().unwrap_or_default();
    for name in &facts.names {
        if let Some(ip) = led(name).into_iter().find(|ip| facts.own.contains(ip)) {
            let how = format!("an interface has the address of {}, no translation", name.name);
            return Some((ip.to_string(), how));
        }
    }
    for name in facts.names.iter().filter(|name| names::proves(&name.name, facts)) {
        if let Some(ip) = led(name).first() {
            let how = format!("the certificate for {} proves that it leads here", name.name);
            return Some((ip.to_string(), how));
        }
    }
    let (ip, who) = found_outside(facts)?;
    let translated = if facts.own.contains(&ip) { "no translation" } else { "behind translation" };
    Some((ip.to_string(), format!("{who} so, {translated}")))
}

fn found_outside(facts: &Facts) -> Option<(IpAddr, &'static str)> {
    if let Some(Ok(ip)) = &facts.outside.gateway {
        return Some((*ip, "the router says"));
    }
    match &facts.outside.stun {
        Some(Ok(mapped)) => Some((mapped.seen.ip(), "the STUN server says")),
        _ => None,
    }
}

fn unknown(facts: &Facts) -> Finding {
    let check = Check::Address;
    let public: Vec<_> = facts.own.iter().filter(|ip| !is_internal(**ip)).collect();
    match (public.is_empty(), facts.own.is_empty()) {
        (false, _) => {
            Finding::ok(check, format!("It has an address of the internet: {}.", list(public)))
        }
        (true, false) => Finding::ok(
            check,
            format!(
                "It has addresses of its own network only ({}): enough for people in that network. \
                 `--gateway` asks the router and `--stun HOST:PORT` a server outside for another.",
                list(&facts.own)
            ),
        ),
        (true, true) if facts.exposed => Finding::warn(
            check,
            "It has no address that others could use.",
            "Connect this computer to a network.",
        ),
        (true, true) => Finding::ok(check, "It has no address for others, and needs none."),
    }
}

/// Whether an address means nothing on the internet.
pub fn is_internal(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => {
            let [a, b, ..] = ip.octets();
            ip.is_private()
                || ip.is_loopback()
                || ip.is_link_local()
                || ip.is_unspecified()
                || (a == 100 && b & 0xc0 == 64)
        }
        IpAddr::V6(ip) => {
            ip.is_unique_local()
                || ip.is_loopback()
                || ip.is_unicast_link_local()
                || ip.is_unspecified()
        }
    }
}
