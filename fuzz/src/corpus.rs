//! Where exploring begins: what clients do, and what attackers do, as scripts.

use super::script::{Ask, Flaw, Script, Step};

/// All of them by name, with the bytes that they are.
pub fn scripts() -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for (name, steps) in [
        ("channels", channels()),
        ("indications", indications()),
        ("outside", outside()),
        ("lifetimes", lifetimes()),
        ("quotas", quotas()),
        ("revocations", revocations()),
        ("keys", keys()),
        ("strangers", strangers()),
        ("flaws", flaws()),
        ("bandwidth", bandwidth()),
        ("sockets", sockets()),
    ] {
        for (kind, open, shards) in [("closed", false, 1), ("sharded", false, 3), ("open", true, 2)]
        {
            let script = Script { open, shards, steps: steps.clone() };
            found.push((format!("{name}-{kind}"), script.bytes()));
        }
    }
    found
}

const RIGHT: Flaw = Flaw { kind: 0, at: 0, by: 0 };
/// Outside addresses stand behind people in the table of peers.
const OUTSIDE: u8 = 8;

fn ask(who: u8, what: Ask) -> Step {
    Step::Ask { who, what, flaw: RIGHT }
}

fn allocate(who: u8) -> Step {
    ask(who, Ask::Allocate { family: 0, lifetime: 0 })
}

fn permit(who: u8, peers: &[u8]) -> Step {
    ask(who, Ask::Permit { peers: peers.to_vec() })
}

fn bind(who: u8, number: u8, peer: u8) -> Step {
    ask(who, Ask::Bind { number, peer })
}

fn channel(who: u8, number: u8, length: u8) -> Step {
    Step::Channel { who, number, length }
}

fn indicate(who: u8, peer: u8, length: u8) -> Step {
    Step::Indicate { who, peer, length }
}

fn channels() -> Vec<Step> {
    let mut steps = vec![ask(0, Ask::Binding), allocate(0), allocate(1), bind(0, 1, 1)];
    steps.extend([channel(0, 1, 30), bind(1, 2, 0), channel(0, 1, 30), channel(1, 2, 200)]);
    steps.extend([bind(0, 1, 2), bind(0, 3, 1), channel(0, 3, 1), channel(2, 1, 1)]);
    steps.extend([Step::Again { who: 0 }, Step::Wait { seconds: 304 }, channel(0, 1, 9)]);
    steps.extend([bind(1, 2, 0), channel(0, 1, 9), Step::Wait { seconds: 400 }, channel(0, 1, 9)]);
    steps
}

fn indications() -> Vec<Step> {
    let mut steps: Vec<_> = (0..4).map(allocate).collect();
    steps.extend([permit(0, &[1, 2, 3]), permit(1, &[0]), permit(2, &[0, 1]), permit(3, &[])]);
    for from in 0..4 {
        steps.extend((0..4).map(|to| indicate(from, to, 10 + to)));
    }
    steps.extend([
        bind(1, 0, 0),
        indicate(0, 1, 250),
        Step::Wait { seconds: 296 },
        indicate(0, 1, 0),
    ]);
    steps.extend([Step::Wait { seconds: 8 }, indicate(0, 1, 1), indicate(4, 0, 1)]);
    steps
}

fn outside() -> Vec<Step> {
    let six = Ask::Allocate { family: 2, lifetime: 3 };
    let mut steps = vec![allocate(0), ask(1, six)];
    for n in 0..32 {
        let (who, peer) = (n % 2, OUTSIDE + n / 2);
        steps.extend([permit(who, &[peer]), indicate(who, peer, n)]);
        steps.push(Step::Arrive { to: who, peer, length: n });
    }
    steps.extend([bind(0, 0, OUTSIDE), channel(0, 0, 99), bind(1, 1, OUTSIDE + 3)]);
    steps.extend([channel(1, 1, 99), Step::Arrive { to: 0, peer: OUTSIDE, length: 99 }]);
    steps.push(Step::Arrive { to: 0, peer: OUTSIDE + 1, length: 99 });
    steps
}

fn lifetimes() -> Vec<Step> {
    let mut steps = Vec::new();
    for lifetime in 0..6 {
        steps.extend([ask(0, Ask::Allocate { family: 1, lifetime }), Step::Again { who: 0 }]);
        steps.extend([Step::Wait { seconds: 592 }, ask(0, Ask::Refresh { lifetime })]);
        steps.extend([Step::Wait { seconds: 16 }, permit(0, &[1])]);
        steps.extend([ask(0, Ask::Refresh { lifetime: 1 }), ask(0, Ask::Refresh { lifetime: 1 })]);
    }
    steps
}

fn quotas() -> Vec<Step> {
    let mut steps: Vec<_> = (0..8).map(allocate).collect();
    steps.extend([1, 6, 7].map(|who| ask(who, Ask::Refresh { lifetime: 1 })));
    steps.extend((0..8).map(allocate));
    steps.extend([permit(0, &[1, 2, 3, 8, 9, 10, 11]), permit(0, &[1, 2]), permit(0, &[3, 8])]);
    steps.extend((0..6).map(|n| bind(2, n, n)));
    steps
}

fn revocations() -> Vec<Step> {
    let mut steps = vec![allocate(0), allocate(2), bind(0, 0, 2), bind(2, 0, 0), channel(0, 0, 7)];
    for what in 0..3 {
        steps.extend([Step::Revoke { what, who: 2 }, channel(0, 0, 7), channel(2, 0, 7)]);
        steps.extend([allocate(2), Step::Wait { seconds: 8 }, Step::Renew { who: 2 }, allocate(2)]);
        steps.extend([allocate(0), bind(0, 0, 2), bind(2, 0, 0), channel(0, 0, 7)]);
    }
    steps.extend([Step::Disconnect { who: 2 }, channel(0, 0, 7), allocate(2)]);
    steps
}

fn keys() -> Vec<Step> {
    let mut steps = vec![allocate(0), Step::TurnKey, allocate(1), permit(0, &[1]), Step::TurnKey];
    steps.extend([permit(0, &[1]), allocate(2), Step::Renew { who: 2 }, allocate(2)]);
    steps.extend([Step::Wait { seconds: 608 }, permit(0, &[2]), permit(2, &[0]), permit(2, &[0])]);
    steps
}

fn strangers() -> Vec<Step> {
    let mut steps = Vec::new();
    for who in 0..8 {
        let flaw = Flaw { kind: 1, at: 0, by: 0 };
        let what = Ask::Allocate { family: 0, lifetime: 0 };
        steps.extend([ask(who, Ask::Binding), Step::Ask { who, what, flaw }]);
        steps.push(Step::Ask { who, what: Ask::Refresh { lifetime: 0 }, flaw });
        // A header alone, a response, another protocol.
        let header =
            |first: [u8; 2]| [&first[..], &[0, 0, 0x21, 0x12, 0xA4, 0x42], &[who; 12]].concat();
        steps.push(Step::Raw { who, bytes: header([0, 3]) });
        steps.push(Step::Raw { who, bytes: header([1, 1]) });
        steps.push(Step::Raw { who, bytes: b"GET / HTTP/1.1\r\n\r\n".to_vec() });
    }
    steps
}

fn flaws() -> Vec<Step> {
    let mut steps = vec![allocate(0), allocate(2)];
    for kind in 0..16 {
        let flaw = Flaw { kind, at: 2 + 13 * kind, by: 1 + kind };
        let what = Ask::Permit { peers: vec![2] };
        steps.push(Step::Ask { who: 0, what, flaw });
        let what = Ask::Allocate { family: 0, lifetime: 0 };
        steps.push(Step::Ask { who: kind % 8, what, flaw });
    }
    steps
}

fn bandwidth() -> Vec<Step> {
    let mut steps = vec![allocate(0), allocate(1), bind(0, 0, 1), bind(1, 0, 0)];
    steps.extend((0..20).map(|n| channel(n % 2, 0, 255)));
    steps.push(Step::Wait { seconds: 8 });
    steps.extend((0..20).map(|n| indicate(n % 2, (n + 1) % 2, 255)));
    steps
}

fn sockets() -> Vec<Step> {
    let mut steps = vec![Step::Sockets { some: false }, allocate(0), Step::Again { who: 0 }];
    steps.extend([Step::Sockets { some: true }, allocate(0), permit(0, &[OUTSIDE])]);
    steps.extend([Step::Arrive { to: 0, peer: OUTSIDE, length: 4 }, Step::Wait { seconds: 608 }]);
    steps.extend([Step::Arrive { to: 0, peer: OUTSIDE, length: 4 }, allocate(0)]);
    steps
}
