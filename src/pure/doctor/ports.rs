//! Are the ports this server's?

use super::{Check, Facts, Finding, Holder, Port, PortState, Protocol, Purpose};

pub(super) fn judge(facts: &Facts) -> Vec<Finding> {
    facts.ports.iter().map(of).collect()
}

fn of(port: &Port) -> Finding {
    let check = Check::Ports;
    let what = describe(port);
    let flag = match port.purpose {
        Purpose::Pages => "--listen",
        Purpose::PlainHttp => "--http-listen",
        Purpose::Relay => "--turn-listen",
    };
    match &port.state {
        PortState::Answers => Finding::ok(check, format!("{what} answers.")),
        PortState::Free => Finding::ok(check, format!("{what} is free.")),
        PortState::Silent(why) => Finding::fail(
            check,
            format!("{what} should answer, and does not: {why}."),
            "A firewall on this computer may be in the way; if not, restart the server.",
        ),
        PortState::Held(holder) => {
            let (by, cure) = match holder {
                Some(Holder { pid, name }) if name == "callbox" => (
                    format!("another callbox, process {pid}"),
                    format!(
                        "Name its data directory with --data, or choose another port with {flag}."
                    ),
                ),
                Some(Holder { pid, name }) => (
                    format!("{name}, process {pid}"),
                    format!("Stop {name}, or choose another port with {flag}."),
                ),
                None => (
                    "another program".to_owned(),
                    format!(
                        "Run this as root to see which; stop it, or choose another port with {flag}."
                    ),
                ),
            };
            Finding::fail(check, format!("{what} is held by {by}."), cure)
        }
        PortState::Forbidden => Finding::fail(
            check,
            format!("{what} needs rights that this user does not have."),
            format!(
                "Use the service in packaging/systemd, or `setcap cap_net_bind_service=+ep` on the \
                 program, or choose a port above 1023 with {flag}."
            ),
        ),
        PortState::NoAddress => Finding::fail(
            check,
            format!("{what} cannot be used: this computer does not have that address."),
            format!("Correct the address given with {flag}."),
        ),
        PortState::Other(why) => Finding::fail(
            check,
            format!("{what} cannot be used: {why}."),
            format!("Choose another with {flag}."),
        ),
    }
}

fn describe(Port { protocol, address, purpose, .. }: &Port) -> String {
    let protocol = match protocol {
        Protocol::Tcp => "TCP",
        Protocol::Udp => "UDP",
    };
    let purpose = match purpose {
        Purpose::Pages => "the pages",
        Purpose::PlainHttp => "plain HTTP",
        Purpose::Relay => "calls",
    };
    format!("{protocol} {address}, for {purpose},")
}
