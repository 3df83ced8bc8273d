//! Do packets get through the relay?

use super::{Check, Facts, Finding, Relay, RelayFault, RelayTry, Transport};

pub(super) fn judge(facts: &Facts) -> Vec<Finding> {
    let check = Check::Relay;
    match &facts.relay {
        Relay::NotRunning => vec![Finding::warn(
            check,
            "Not tried: no server is running.",
            "Start the server and ask again.",
        )],
        Relay::NoCredentials(why) => vec![Finding::fail(
            check,
            format!("Not tried: the server gives no credentials for it: {why}."),
            "Is the running server of another version than this program? Restart it.",
        )],
        Relay::Tried(tries) if tries.is_empty() => vec![Finding::fail(
            check,
            "The relay listens nowhere: calls work only where both sides reach each other.",
            "Give it a port with --turn-listen.",
        )],
        Relay::Tried(tries) => tries.iter().map(of).collect(),
    }
}

fn of(RelayTry { transport, address, result }: &RelayTry) -> Finding {
    let check = Check::Relay;
    let name = match transport {
        Transport::Udp => "UDP",
        Transport::Tcp => "TCP",
        Transport::Tls => "TLS",
    };
    let way = format!("Over {name} at {address}");
    let fault = match result {
        Ok(pass) => {
            let ms = pass.round_trip as f64 / 1000.0;
            let says = format!("{way}: two clients reached each other, {ms:.1} ms there and back.");
            return Finding::ok(check, says);
        }
        Err(fault) => fault,
    };
    match fault {
        RelayFault::Unreachable(why) => Finding::fail(
            check,
            format!("{way}: no connection: {why}."),
            "A firewall on this computer may be in the way; if not, restart the server.",
        ),
        RelayFault::NoAnswer => Finding::fail(
            check,
            format!("{way}: no answer."),
            format!("See that the firewall of this computer lets {name} to that port through."),
        ),
        RelayFault::Refused(486) => Finding::warn(
            check,
            format!("{way}: it has no room for more allocations."),
            "Too many calls, or --turn-allocations, --turn-quota-ip or --turn-quota-user is too small.",
        ),
        RelayFault::Refused(code) => Finding::fail(
            check,
            format!("{way}: it refused with {code}."),
            "Restart the server; if that does not help, its log may say more.",
        ),
        RelayFault::Lost => Finding::fail(
            check,
            format!("{way}: both clients were let in, and nothing got from one to the other."),
            "Set --turn-external-ip if the relay is open, and see that the firewall lets --turn-ports through.",
        ),
        RelayFault::Nonsense => Finding::fail(
            check,
            format!("{way}: something else answers there."),
            "Choose another port with --turn-listen.",
        ),
    }
}
