//! Facts and what is said of them.

use std::net::IpAddr;

use super::Verdict::{Fail, Ok as Fine, Warn};
use super::certificate::covers;
use super::*;
use crate::pure::wire::Millis;

const DAY: u64 = 24 * 3_600_000;
const NOW: Millis = Millis(1_000 * DAY);

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn name(name: &str, addresses: &[&str]) -> Name {
    Name { name: name.into(), addresses: Ok(addresses.iter().map(|text| ip(text)).collect()) }
}

fn seen(from: i64, until: i64) -> Seen {
    let day = |days: i64| Millis((1_000 + days).cast_unsigned() * DAY);
    Seen {
        from: day(from),
        until: day(until),
        names: vec!["chat.example".into()],
        made_here: false,
    }
}

fn certificate(source: Source, seen: Result<Seen, String>) -> Certificate {
    Certificate { name: "chat.example".into(), source, seen, trouble: None }
}

/// A server of the internet with which all is well.
fn healthy() -> Facts {
    Facts {
        now: NOW,
        server: Server::Running {
            version: "1".into(),
            pid: 7,
            site: "https://chat.example".into(),
            draining: false,
            setup_required: false,
            hub_answers: true,
            after_restart: Vec::new(),
        },
        names: vec![name("chat.example", &["203.0.113.5"])],
        proxied: false,
        exposed: true,
        open_relay: false,
        external: Vec::new(),
        own: vec![ip("203.0.113.5")],
        outside: Outside::default(),
        ports: vec![port(PortState::Answers)],
        certificates: vec![certificate(Source::Acme, Ok(seen(-30, 60)))],
        clock: Clock { synchronised: Some(true), newest: Some(NOW), ahead: None },
        relay: Relay::Tried(vec![attempt(Ok(Pass { round_trip: 1_500 }))]),
        limits: Limits {
            open_files: Some(65_536),
            receive_buffer: Some(212_992),
            tracked: None,
            ipv6: true,
        },
        disk: Disk {
            directory: "/data".into(),
            exists: true,
            free: Some(50 << 30),
            total: Some(100 << 30),
            mode: Some(0o700),
            writable: true,
        },
        database: Database::Serving { bytes: 1 << 20, entries: 12 },
    }
}

fn port(state: PortState) -> Port {
    Port {
        protocol: Protocol::Tcp,
        address: "0.0.0.0:443".parse().unwrap(),
        purpose: Purpose::Pages,
        state,
    }
}

fn attempt(result: Result<Pass, RelayFault>) -> RelayTry {
    RelayTry { transport: Transport::Udp, address: "0.0.0.0:3478".parse().unwrap(), result }
}

/// What a change of the healthy facts leads to: the worst finding of a check.
#[track_caller]
fn worst(check: Check, change: impl FnOnce(&mut Facts)) -> Finding {
    let mut facts = healthy();
    change(&mut facts);
    let report = examine(&facts);
    let of_check = report.findings.into_iter().filter(|finding| finding.check == check);
    let worst = of_check.max_by_key(|finding| finding.verdict).expect("it is looked at");
    assert_eq!(worst.cure.is_some(), worst.verdict != Verdict::Ok, "{worst:?}");
    worst
}

#[track_caller]
fn is(check: Check, verdict: Verdict, words: &str, change: impl FnOnce(&mut Facts)) {
    let found = worst(check, change);
    assert_eq!(found.verdict, verdict, "{found:?}");
    let all = format!("{} {}", found.says, found.cure.unwrap_or_default());
    assert!(all.contains(words), "{words:?} in {all:?}");
}

#[test]
fn where_all_is_well_nothing_is_to_be_done() {
    let report = examine(&healthy());
    assert_eq!((report.verdict(), report.exit_code()), (Fine, 0), "{report:?}");
    assert!(report.findings.iter().all(|finding| finding.cure.is_none()));
    let text = report.lines().join("\n");
    assert!(text.ends_with(&format!("All {} checks are fine.", report.findings.len())), "{text}");
    for check in ["server", "names", "address", "ports", "certificate", "clock", "relay", "disk"] {
        assert!(text.lines().any(|line| line.starts_with(check)), "{check} in {text}");
    }
}

#[test]
fn the_worst_finding_decides_and_only_a_fault_stops_scripts() {
    let mut facts = healthy();
    facts.clock.synchronised = Some(false);
    let report = examine(&facts);
    assert_eq!((report.verdict(), report.exit_code(), report.counts().warn), (Warn, 0, 1));
    assert!(report.lines().last().unwrap().starts_with("It works. 1 of "));
    facts.server = Server::Stopped;
    assert!(examine(&facts).lines().last().unwrap().starts_with("Nothing stands in the way"));
    facts.server = healthy().server;
    facts.disk.free = Some(1);
    let report = examine(&facts);
    assert_eq!((report.verdict(), report.exit_code()), (Fail, 1));
    assert!(report.lines().last().unwrap().starts_with("1 of "));
    let json = serde_json::to_string(&report).unwrap();
    assert_eq!(serde_json::from_str::<Report>(&json).unwrap(), report);
    assert!(json.contains(r#""check":"disk","verdict":"fail""#), "{json}");
}

#[test]
fn the_server() {
    let check = Check::Server;
    is(check, Warn, "callbox serve", |facts| facts.server = Server::Stopped);
    is(check, Fail, "no answer", |facts| facts.server = Server::Silent("no answer".into()));
    let with = |change: fn(&mut bool, &mut bool, &mut bool, &mut Vec<String>)| {
        move |facts: &mut Facts| {
            let Server::Running { draining, setup_required, hub_answers, after_restart, .. } =
                &mut facts.server
            else {
                panic!("it runs")
            };
            change(draining, setup_required, hub_answers, after_restart);
        }
    };
    is(check, Warn, "stopping", with(|draining, _, _, _| *draining = true));
    is(check, Warn, "setup link", with(|_, setup, _, _| *setup = true));
    is(check, Fail, "do not answer", with(|_, _, hub, _| *hub = false));
    is(check, Warn, "listen", with(|_, _, _, settings| settings.push("listen".into())));
}

#[test]
fn names_against_addresses() {
    let check = Check::Names;
    let lead = |addresses: &'static [&'static str]| {
        move |facts: &mut Facts| {
            facts.names = vec![name("chat.example", addresses)];
            facts.certificates.clear();
        }
    };
    is(check, Fine, "this computer", lead(&["203.0.113.5"]));
    is(check, Fail, "no address", lead(&[]));
    is(check, Warn, "198.51.100.9", lead(&["198.51.100.9"]));
    is(check, Fail, "leads elsewhere", lead(&["203.0.113.5", "198.51.100.9"]));
    is(check, Fail, "A or AAAA record", |facts| facts.names[0].addresses = Err("unknown".into()));
    is(check, Fine, "proxy", |facts| {
        lead(&["198.51.100.9"])(facts);
        facts.proxied = true;
    });
    // A certificate that was obtained is proof enough; one that has expired is none.
    let elsewhere = |facts: &mut Facts| facts.names = vec![name("chat.example", &["198.51.100.9"])];
    is(check, Fine, "certificate was obtained", elsewhere);
    is(check, Warn, "forwards", |facts| {
        elsewhere(facts);
        facts.certificates = vec![certificate(Source::Acme, Ok(seen(-90, -1)))];
    });
    is(check, Warn, "--domain", |facts| facts.names.clear());
    is(check, Fine, "this computer alone", |facts| {
        facts.names.clear();
        facts.exposed = false;
    });
}

#[test]
fn the_external_address_is_found_in_the_order_of_the_design() {
    let check = Check::Address;
    let mapped = |port, seen: &str| {
        let here = format!("10.0.0.5:{port}").parse().unwrap();
        Some(Ok(Mapped { here, seen: seen.parse().unwrap() }))
    };
    // Everything is there, and goes away bit by bit.
    let mut facts = healthy();
    facts.external = vec![ip("203.0.113.5")];
    facts.outside =
        Outside { gateway: Some(Ok(ip("203.0.113.5"))), stun: mapped(9, "203.0.113.5:9") };
    let says = |facts: &Facts| {
        let found = examine(facts).findings.into_iter().find(|found| found.check == check);
        found.unwrap().says
    };
    assert!(says(&facts).contains("turn_external_ip says so"));
    facts.external.clear();
    assert!(says(&facts).contains("no translation"));
    facts.own = vec![ip("10.0.0.5")];
    assert!(says(&facts).contains("certificate for chat.example proves"));
    facts.certificates.clear();
    assert!(says(&facts).contains("the router says"));
    facts.outside.gateway = None;
    assert!(says(&facts).contains("the STUN server says"));
    facts.outside.stun = None;
    assert!(says(&facts).contains("of its own network only (10.0.0.5)"));
    facts.own = vec![ip("203.0.113.5")];
    facts.names.clear();
    assert!(says(&facts).contains("an address of the internet"));

    is(check, Fail, "--turn-external-ip 198.51.100.9", |facts| {
        facts.external = vec![ip("203.0.113.5")];
        facts.outside.stun = mapped(9, "198.51.100.9:9");
    });
    is(check, Fail, "only this network knows", |facts| {
        facts.open_relay = true;
        facts.own = vec![ip("10.0.0.5")];
    });
    is(check, Warn, "other ports (9 became 7)", |facts| {
        facts.outside.stun = mapped(9, "203.0.113.5:7")
    });
    is(check, Warn, "--stun", |facts| facts.outside.gateway = Some(Err("no answer".into())));
    is(check, Warn, "STUN server does not answer", |facts| {
        facts.outside.stun = Some(Err("no".into()))
    });
    is(check, Warn, "Connect this computer", |facts| {
        facts.own.clear();
        facts.certificates.clear();
    });
}

#[test]
fn ports() {
    let with = |state: PortState| move |facts: &mut Facts| facts.ports = vec![port(state)];
    let check = Check::Ports;
    let held = |name: &str| PortState::Held(Some(Holder { pid: 9, name: name.into() }));
    is(check, Fine, "is free", with(PortState::Free));
    is(check, Fail, "held by nginx, process 9", with(held("nginx")));
    is(check, Fail, "--data", with(held("callbox")));
    is(check, Fail, "as root", with(PortState::Held(None)));
    is(check, Fail, "setcap", with(PortState::Forbidden));
    is(check, Fail, "--listen", with(PortState::NoAddress));
    is(check, Fail, "odd", with(PortState::Other("odd".into())));
    is(check, Fail, "firewall", with(PortState::Silent("timed out".into())));
}

#[test]
fn certificates() {
    let check = Check::Certificate;
    let with = |held: Certificate| move |facts: &mut Facts| facts.certificates = vec![held];
    let file = |from, until| certificate(Source::File, Ok(seen(from, until)));
    is(check, Fine, "60 days more", with(file(-30, 60)));
    is(check, Warn, "10 days", with(file(-80, 10)));
    // A short life is no reason to worry.
    is(check, Fine, "5 days more", with(file(-1, 5)));
    is(check, Fail, "expired 3 days ago", with(file(-90, -3)));
    is(check, Fail, "--tls-cert", with(file(-90, -3)));
    is(check, Fail, "clock", with(file(2, 90)));
    is(check, Fail, "missing", with(certificate(Source::File, Err("missing".into()))));
    let mut other = file(-30, 60);
    other.name = "other.example".into();
    is(check, Fail, "for chat.example only", with(other));
    let own = Seen { made_here: true, ..seen(-1, 300) };
    is(check, Warn, "callbox ca show", with(certificate(Source::Own, Ok(own.clone()))));
    is(check, Fine, "its own authority", |facts| {
        facts.exposed = false;
        facts.certificates = vec![certificate(Source::Own, Ok(own.clone()))];
    });
    let mut waiting = certificate(Source::Acme, Ok(own.clone()));
    waiting.trouble = Some("rate limited".into());
    is(check, Warn, "not yet: rate limited", with(waiting));
    let mut troubled = certificate(Source::Acme, Ok(seen(-30, 60)));
    troubled.trouble = Some("refused".into());
    is(check, Warn, "no newer one: refused", with(troubled));
}

#[test]
fn wildcards_stand_for_one_label() {
    assert!(covers("chat.example", "CHAT.example") && covers("*.example", "chat.example"));
    assert!(!covers("*.example", "a.chat.example") && !covers("*.example", "example"));
    assert!(covers("192.0.2.1", "192.0.2.1") && !covers("*.0.2.1", "192.0.2.2"));
}

#[test]
fn the_clock() {
    let check = Check::Clock;
    let ahead = |ms| move |facts: &mut Facts| facts.clock.ahead = Some(Ok(ms));
    is(check, Fine, "agrees", ahead(-1_500));
    is(check, Warn, "5 seconds behind", ahead(5_000));
    is(check, Fail, "2 hours ahead", ahead(-7_200_000));
    is(check, Warn, "--ntp", |facts| facts.clock.ahead = Some(Err("no answer".into())));
    is(check, Warn, "timedatectl", |facts| facts.clock.synchronised = Some(false));
    is(check, Fine, "--ntp HOST", |facts| facts.clock.synchronised = None);
    is(check, Fail, "goes back", |facts| facts.clock.newest = Some(NOW.plus(Millis(2 * DAY))));
}

#[test]
fn the_relay() {
    let check = Check::Relay;
    let with = |fault: RelayFault| {
        move |facts: &mut Facts| facts.relay = Relay::Tried(vec![attempt(Err(fault))])
    };
    is(check, Fine, "1.5 ms", |_| {});
    is(check, Fail, "no answer", with(RelayFault::NoAnswer));
    is(check, Fail, "no connection: refused", with(RelayFault::Unreachable("refused".into())));
    is(check, Fail, "401", with(RelayFault::Refused(401)));
    is(check, Warn, "no room", with(RelayFault::Refused(486)));
    is(check, Fail, "--turn-ports", with(RelayFault::Lost));
    is(check, Fail, "something else", with(RelayFault::Nonsense));
    is(check, Fail, "--turn-listen", |facts| facts.relay = Relay::Tried(Vec::new()));
    is(check, Warn, "no server is running", |facts| facts.relay = Relay::NotRunning);
    is(check, Fail, "no credentials", |facts| facts.relay = Relay::NoCredentials("none".into()));
}

#[test]
fn what_the_computer_gives() {
    is(Check::Limits, Warn, "LimitNOFILE", |facts| facts.limits.open_files = Some(1024));
    is(Check::Limits, Warn, "rmem_max", |facts| facts.limits.receive_buffer = Some(65_536));
    is(Check::Limits, Warn, "conntrack", |facts| facts.limits.tracked = Some((81, 100)));
    is(Check::Limits, Fine, "", |facts| {
        facts.limits.tracked = Some((80, 100));
        facts.limits.ipv6 = false;
    });
    is(Check::Disk, Fail, "10.0 MiB", |facts| facts.disk.free = Some(10 << 20));
    is(Check::Disk, Warn, "4.0 GiB", |facts| facts.disk.free = Some(4 << 30));
    is(Check::Disk, Fail, "chmod 700", |facts| facts.disk.mode = Some(0o750));
    is(Check::Disk, Warn, "chmod 700", |facts| {
        facts.disk.mode = Some(0o750);
        facts.server = Server::Stopped;
    });
    is(Check::Disk, Warn, "write", |facts| facts.disk.writable = false);
    is(Check::Disk, Warn, "cannot be read", |facts| facts.disk.free = None);
    is(Check::Disk, Warn, "--data", |facts| facts.disk.exists = false);
    is(Check::Database, Fail, "cannot read", |facts| facts.database = Database::Silent);
    is(Check::Database, Fine, "whole", |facts| facts.database = Database::Sound { bytes: 1 });
    is(Check::Database, Fail, "restore", |facts| facts.database = Database::Damaged("x".into()));
    is(Check::Database, Fail, "root", |facts| facts.database = Database::Unreadable("x".into()));
    is(Check::Database, Fine, "none yet", |facts| facts.database = Database::Missing);
}

#[test]
fn lists_are_read_as_people_write_them() {
    assert_eq!(list(Vec::<String>::new()), "");
    assert_eq!(list(["a"]), "a");
    assert_eq!(list(["a", "b", "c"]), "a, b and c");
}
