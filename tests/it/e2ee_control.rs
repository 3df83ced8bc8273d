//! The control log: who may change a conversation, what it becomes, which grants are due.

use callbox::pure::e2ee::{
    Control, ControlState, Envelope, InvalidControl, MemberKeys, Record, Refusal, WrongGrants,
};
use callbox::pure::wire::{AccountId, MemberRole, Millis};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::e2ee_client::crypto::b64;
use crate::e2ee_client::envelope::{CONTENT, CONTROL};
use crate::e2ee_client::keys::LinkKeys;
use crate::e2ee_client::{Chance, Person, Posted, Talk};

/// A conversation at the client and at the server.
#[derive(Clone)]
struct Both {
    talk: Talk,
    state: Option<ControlState>,
    log: Vec<(Vec<u8>, Millis)>,
}

/// The people of all tests; the last is a stranger everywhere.
struct People([Person; 6]);

impl People {
    fn new() -> Self {
        Self(
            ["anna", "bob", "cleo", "dora", "emil", "stranger"].map(|n| Person::new(Chance::of(n))),
        )
    }

    fn keys(&self, account: AccountId) -> Option<MemberKeys> {
        let person = self.0.iter().find(|person| person.id() == account)?;
        let record = Record::stored(person.record().payload.as_ref()).unwrap();
        Some(MemberKeys { generation: record.generation(), identity: record.identity() })
    }

    fn control(&self, envelope: &[u8]) -> Result<Control, InvalidControl> {
        let parsed = Envelope::parse(envelope.to_vec().into()).unwrap();
        let signer = self.0.iter().find(|person| person.id() == parsed.header().account).unwrap();
        let record = Record::stored(signer.record().payload.as_ref()).unwrap();
        let key = record.signer(parsed.header().device).unwrap();
        Control::parse(&parsed.verify(key).unwrap())
    }
}

impl Both {
    fn new(
        kind: &'static str,
        history: &'static str,
        members: &[(&Person, &'static str)],
        people: &People,
    ) -> Self {
        let name = if kind == "room" { "Küche" } else { "" };
        let talk = Talk::new([1; 16], kind, history, name, Chance::of(kind));
        let mut both = Self { talk, state: None, log: Vec::new() };
        both.run(people, |talk| talk.create(members)).unwrap();
        both
    }

    /// Anna manages, Bob and Cleo are members, Dora is a guest.
    fn room(history: &'static str, people: &People) -> Self {
        let [anna, bob, cleo, dora, ..] = &people.0;
        let members = [(anna, "manager"), (bob, "member"), (cleo, "member"), (dora, "guest")];
        Self::new("room", history, &members, people)
    }

    /// The server takes what the client made; else both stay as they were.
    fn run(
        &mut self,
        people: &People,
        make: impl FnOnce(&mut Talk) -> Posted,
    ) -> Result<(), Refusal> {
        self.post(people, make, |_| {})
    }

    fn post(
        &mut self,
        people: &People,
        make: impl FnOnce(&mut Talk) -> Posted,
        spoil: impl FnOnce(&mut Posted),
    ) -> Result<(), Refusal> {
        let before = self.talk.clone();
        let mut posted = make(&mut self.talk);
        spoil(&mut posted);
        let taken = self.take(people, &posted);
        match &taken {
            Ok(_) => self.log.push((posted.envelope, Millis(self.talk.time))),
            Err(_) => self.talk = before,
        }
        self.state = taken.clone().ok().or_else(|| self.state.take());
        taken.map(drop)
    }

    fn take(&self, people: &People, posted: &Posted) -> Result<ControlState, Refusal> {
        let control = people.control(&posted.envelope).unwrap();
        let step = control.step(self.state.as_ref(), Millis(self.talk.time))?;
        step.admit(&posted.grants, |account| people.keys(account))
    }

    fn server(&self) -> &ControlState {
        self.state.as_ref().unwrap()
    }

    fn agree(&self) {
        let server = self.server();
        assert_eq!(server.hash().as_bytes(), &self.talk.state.hash());
        assert_eq!((server.index + 1, server.epoch), (self.talk.index, self.talk.epoch()));
        let accounts = server.members.iter().map(|member| *member.account.as_bytes());
        assert!(accounts.eq(self.talk.state.members.iter().map(|member| member.account)));
    }
}

fn link(name: &str) -> LinkKeys {
    let mut chance = Chance::of(name);
    LinkKeys::derive(chance.bytes(), &chance.bytes())
}

#[test]
fn h63_each_may_do_what_its_role_allows() {
    let people = People::new();
    let [anna, bob, cleo, dora, emil, stranger] = &people.0;
    let made = |by: &Person| -> Vec<Result<(), Refusal>> {
        let both = |history| Both::room(history, &people);
        let fresh = link("one");
        vec![
            both("all").run(&people, |t| t.rotate(by)),
            both("all").run(&people, |t| t.add(by, &[(emil, "member")])),
            both("since_join").run(&people, |t| t.add(by, &[(emil, "guest")])),
            both("all").run(&people, |t| t.add_link(by, &fresh, "member", None, false)),
            both("all").run(&people, |t| t.remove(by, cleo.account)),
            both("all").run(&people, |t| t.set_role(by, cleo.account, "manager")),
            both("all").run(&people, |t| t.rename(by, "Garten")),
            both("all").run(&people, |t| t.leave(by)),
        ]
    };
    let (yes, role) = (Ok(()), Err(Refusal::Role));
    assert_eq!(made(anna), vec![yes.clone(); 8]);
    let [member, manager] = [vec![yes.clone(); 4], vec![role.clone(); 3]];
    assert_eq!(made(bob), [member, manager, vec![yes.clone()]].concat());
    assert_eq!(made(dora), [vec![role; 7], vec![yes]].concat());
    assert_eq!(made(stranger), vec![Err(Refusal::NotMember); 8]);
}

#[test]
fn some_things_fit_no_kind_or_nobody() {
    let people = People::new();
    let [anna, bob, cleo, dora, emil, _] = &people.0;
    let refused = |both: &Both, make: &dyn Fn(&mut Talk) -> Posted| {
        both.clone().run(&people, make).unwrap_err()
    };
    let room = Both::room("all", &people);
    assert_eq!(refused(&room, &|t| t.add(anna, &[])), Refusal::Nobody);
    assert_eq!(refused(&room, &|t| t.add(anna, &[(bob, "member")])), Refusal::AlreadyMember);
    assert_eq!(
        refused(&room, &|t| t.add(anna, &[(emil, "member"), (emil, "guest")])),
        Refusal::AlreadyMember
    );
    assert_eq!(refused(&room, &|t| t.add(anna, &[(emil, "manager")])), Refusal::NewRole);
    assert_eq!(refused(&room, &|t| t.remove(anna, anna.account)), Refusal::Oneself);
    assert_eq!(refused(&room, &|t| t.remove(anna, emil.account)), Refusal::NoSuchMember);
    assert_eq!(refused(&room, &|t| t.set_role(anna, anna.account, "member")), Refusal::LastManager);
    assert_eq!(refused(&room, &|t| t.set_role(anna, bob.account, "member")), Refusal::Nothing);
    assert_eq!(refused(&room, &|t| t.readmit(anna, bob)), Refusal::Nothing);
    assert_eq!(refused(&room, &|t| t.readmit(anna, emil)), Refusal::NoSuchMember);
    assert_eq!(refused(&room, &|t| t.create(&[(anna, "manager")])), Refusal::Beginning);
    assert_eq!(refused(&room, &|t| t.revoke_link(anna, [3; 16])), Refusal::NoSuchLink);
    assert_eq!(
        refused(&room, &|t| t.add_link(anna, &link("one"), "manager", None, false)),
        Refusal::NewRole
    );
    let taken = LinkKeys { id: bob.account, ..link("one") };
    assert_eq!(
        refused(&room, &|t| t.add_link(anna, &taken, "guest", None, false)),
        Refusal::LinkTwice
    );

    let direct = Both::new("direct", "all", &[(anna, "member"), (bob, "member")], &people);
    assert_eq!(refused(&direct, &|t| t.add(anna, &[(cleo, "member")])), Refusal::Kind);
    assert_eq!(refused(&direct, &|t| t.leave(anna)), Refusal::Kind);
    assert_eq!(refused(&direct, &|t| t.remove(anna, bob.account)), Refusal::Role);
    assert_eq!(
        refused(&direct, &|t| t.add_link(anna, &link("one"), "guest", None, false)),
        Refusal::Kind
    );
    assert!(direct.clone().run(&people, |t| t.rotate(bob)).is_ok());

    let mut everyone = Both::new("everyone", "all", &[(anna, "manager")], &people);
    assert_eq!(refused(&everyone, &|t| t.leave(anna)), Refusal::Kind);
    assert_eq!(refused(&everyone, &|t| t.rename(anna, "Alle")), Refusal::Kind);
    everyone.run(&people, |t| t.add(anna, &[(bob, "member")])).unwrap();
    assert_eq!(
        refused(&everyone, &|t| t.add_link(bob, &link("one"), "member", None, false)),
        Refusal::Role
    );
    assert!(everyone.run(&people, |t| t.add(bob, &[(dora, "member")])).is_ok());
}

#[test]
fn a_conversation_begins_as_its_kind_does() {
    let people = People::new();
    let [anna, bob, cleo, ..] = &people.0;
    let begin = |kind, name, members: &[(&Person, &'static str)]| {
        let talk = Talk::new([1; 16], kind, "all", name, Chance::of("begin"));
        Both { talk, state: None, log: Vec::new() }.run(&people, |talk| talk.create(members)).err()
    };
    assert_eq!(begin("room", "Küche", &[(anna, "manager"), (bob, "guest")]), None);
    for (kind, name, members) in [
        ("room", "Küche", vec![(anna, "member")]),
        ("direct", "", vec![(anna, "member")]),
        ("direct", "", vec![(anna, "manager"), (bob, "member")]),
        ("direct", "", vec![(anna, "member"), (bob, "member"), (cleo, "member")]),
        ("everyone", "", vec![(anna, "member")]),
        ("everyone", "", vec![(anna, "manager"), (bob, "member")]),
    ] {
        assert_eq!(begin(kind, name, &members), Some(Refusal::Founders), "{kind}");
    }
    assert_eq!(
        begin("direct", "", &[(anna, "member"), (anna, "member")]),
        Some(Refusal::AlreadyMember)
    );
}

#[test]
fn joining_is_by_a_link_in_force_and_for_oneself() {
    let people = People::new();
    let [anna, bob, _, dora, emil, stranger] = &people.0;
    let open = link("open");
    let mut room = Both::room("all", &people);
    let expires = Some(room.talk.time + 10_000);
    room.run(&people, |t| t.add_link(bob, &open, "guest", expires, false)).unwrap();
    let refused =
        |both: &Both, make: &dyn Fn(&mut Talk) -> Posted| both.clone().run(&people, make).err();
    assert_eq!(refused(&room, &|t| t.join(emil, &open, "guest")), None);
    assert_eq!(refused(&room, &|t| t.join(emil, &open, "member")), Some(Refusal::JoinOther));
    assert_eq!(refused(&room, &|t| t.join(dora, &open, "guest")), Some(Refusal::AlreadyMember));
    let forged = LinkKeys { id: open.id, ..link("other") };
    assert_eq!(refused(&room, &|t| t.join(emil, &forged, "guest")), Some(Refusal::JoinSignature));
    assert_eq!(
        refused(&room, &|t| t.join(emil, &link("other"), "guest")),
        Some(Refusal::NoSuchLink)
    );
    let mut later = room.clone();
    later.talk.time += 10_000;
    assert_eq!(refused(&later, &|t| t.join(emil, &open, "guest")), Some(Refusal::NoSuchLink));

    let lobby = link("lobby");
    room.run(&people, |t| t.add_link(bob, &lobby, "guest", None, true)).unwrap();
    assert_eq!(refused(&room, &|t| t.join(emil, &lobby, "guest")), Some(Refusal::Lobby));

    // Its maker or a manager ends it, nobody else.
    let cleo = &people.0[2];
    assert_eq!(refused(&room, &|t| t.revoke_link(cleo, open.id)), Some(Refusal::Role));
    assert_eq!(refused(&room, &|t| t.revoke_link(stranger, open.id)), Some(Refusal::NotMember));
    assert_eq!(refused(&room, &|t| t.revoke_link(anna, open.id)), None);
    room.run(&people, |t| t.revoke_link(bob, open.id)).unwrap();
    assert_eq!(refused(&room, &|t| t.join(emil, &open, "guest")), Some(Refusal::NoSuchLink));
}

#[test]
fn whoever_leaves_last_of_the_managers_has_an_heir() {
    let people = People::new();
    let [anna, bob, cleo, dora, ..] = &people.0;
    let mut room = Both::room("all", &people);
    room.run(&people, |t| t.leave(anna)).unwrap();
    assert_eq!(room.server().member(bob.id()).unwrap().role, MemberRole::Manager);
    assert_eq!(room.server().member(cleo.id()).unwrap().role, MemberRole::Member);
    for who in [cleo, bob, dora] {
        room.run(&people, |t| t.leave(who)).unwrap();
        room.agree();
    }
    assert!(room.server().members.is_empty());
}

#[test]
fn a_lost_identity_is_readmitted_by_a_member() {
    let mut people = People::new();
    for history in ["all", "since_join"] {
        let mut room = Both::room(history, &people);
        people.0[1].reset();
        let [anna, bob, _, dora, ..] = &people.0;
        assert_eq!(room.run(&people, |t| t.readmit(dora, bob)), Err(Refusal::Role));
        assert_eq!(room.run(&people, |t| t.readmit(bob, bob)), Err(Refusal::Oneself));
        room.run(&people, |t| t.readmit(anna, bob)).unwrap();
        room.agree();
        assert_eq!(room.server().member(bob.id()).unwrap().identity.as_bytes(), &bob.identity());
    }
}

#[test]
fn e5_nobody_comes_in_under_keys_that_are_not_the_accounts() {
    let people = People::new();
    let mut ghost = Person::with_ids(people.0[4].account, [4; 16], Chance::of("ghost"));
    let mut room = Both::room("all", &people);
    assert_eq!(
        room.run(&people, |t| t.add(&people.0[0], &[(&ghost, "member")])),
        Err(Refusal::Identity)
    );
    ghost.account = [9; 16];
    assert_eq!(
        room.run(&people, |t| t.add(&people.0[0], &[(&ghost, "member")])),
        Err(Refusal::Identity)
    );
}

#[test]
fn h64_grants_are_exactly_the_due_ones() {
    let people = People::new();
    let [anna, bob, _, _, emil, _] = &people.0;
    let open = link("open");
    let mut room = Both::room("all", &people);
    room.run(&people, |t| t.add_link(anna, &open, "guest", None, false)).unwrap();
    room.run(&people, |t| t.rotate(bob)).unwrap();
    let makes: [&dyn Fn(&mut Talk) -> Posted; 4] = [
        &|t| t.rotate(bob),
        &|t| t.add(bob, &[(emil, "member")]),
        &|t| t.join(emil, &open, "guest"),
        &|t| t.add_link(bob, &link("two"), "member", None, true),
    ];
    for (make, due) in makes.into_iter().zip([5, 2, 2, 2]) {
        let spoiled = |spoil: &dyn Fn(&mut Posted)| room.clone().post(&people, make, spoil);
        assert_eq!(spoiled(&|posted| assert_eq!(posted.grants.len(), due)), Ok(()));
        let wrong = |spoil: &dyn Fn(&mut Posted)| match spoiled(spoil) {
            Err(Refusal::Grants(wrong)) => wrong,
            other => panic!("{other:?}"),
        };
        for missing in 0..due {
            assert_eq!(wrong(&|p| drop(p.grants.remove(missing))), WrongGrants::Missing);
        }
        assert_eq!(wrong(&|p| p.grants.clear()), WrongGrants::Missing);
        assert_eq!(wrong(&|p| p.grants.push(p.grants[0].clone())), WrongGrants::Twice);
        assert_eq!(wrong(&|p| p.grants[0] = p.grants[1].clone()), WrongGrants::Twice);
        assert_eq!(wrong(&|p| p.grants[0].epoch = 0), WrongGrants::NotDue);
        assert_eq!(wrong(&|p| p.grants[0].epoch += 7), WrongGrants::NotDue);
        assert_eq!(
            wrong(&|p| p.grants[0].to = AccountId::from_bytes([8; 16]).into()),
            WrongGrants::NotDue
        );
        assert_eq!(wrong(&|p| p.grants[0].g += 1), WrongGrants::Generation);
        assert_eq!(wrong(&|p| p.grants[0].enc = vec![1; 31].into()), WrongGrants::Length);
        assert_eq!(wrong(&|p| p.grants[0].ct = vec![1; 49].into()), WrongGrants::Length);
    }
    let none: [&dyn Fn(&mut Talk) -> Posted; 2] =
        [&|t| t.rename(anna, "Garten"), &|t| t.leave(bob)];
    for make in none {
        let extra = room.talk.clone().grant(anna, bob.account, 1);
        let taken = room.clone().post(&people, make, |posted| posted.grants.push(extra));
        assert_eq!(taken, Err(Refusal::Grants(WrongGrants::NotDue)));
    }
}

#[test]
fn a_grant_may_be_given_again_to_those_who_are_there() {
    let people = People::new();
    let [anna, bob, _, _, emil, _] = &people.0;
    let mut room = Both::room("all", &people);
    room.run(&people, |t| t.rotate(bob)).unwrap();
    let check = |grant| room.server().check_regrant(&grant, |account| people.keys(account));
    let good = room.talk.clone().grant(anna, bob.account, 1);
    assert_eq!(check(good.clone()), Ok(()));
    for epoch in [0, 3] {
        assert_eq!(
            check(callbox::pure::wire::Grant { epoch, ..good.clone() }),
            Err(WrongGrants::NotDue)
        );
    }
    let other = callbox::pure::wire::Grant { to: emil.id().into(), ..good.clone() };
    assert_eq!(check(other), Err(WrongGrants::NotDue));
    assert_eq!(check(callbox::pure::wire::Grant { g: 2, ..good }), Err(WrongGrants::Generation));
}

#[test]
fn what_goes_before_a_due_rotation_renews_or_leaves() {
    let people = People::new();
    let [anna, bob, cleo, _, emil, _] = &people.0;
    let may = |history, make: &dyn Fn(&mut Talk) -> Posted| {
        let mut room = Both::room(history, &people);
        let posted = make(&mut room.talk);
        people.control(&posted.envelope).unwrap().may_precede_rotation(room.server())
    };
    assert!(may("all", &|t| t.rotate(anna)));
    assert!(may("all", &|t| t.remove(anna, cleo.account)));
    assert!(may("all", &|t| t.leave(bob)));
    assert!(may("since_join", &|t| t.add(anna, &[(emil, "member")])));
    assert!(!may("all", &|t| t.add(anna, &[(emil, "member")])));
    assert!(!may("all", &|t| t.rename(anna, "Garten")));
}

/// The payload of an event changed and signed again by its sender.
fn altered(
    people: &People,
    both: &Both,
    by: usize,
    change: &dyn Fn(&mut Value),
) -> Result<Control, InvalidControl> {
    let by = &people.0[by];
    let mut talk = both.talk.clone();
    let posted = talk.clone().rotate(by);
    let mut payload: Value =
        serde_json::from_slice(&posted.envelope[164..posted.envelope.len() - 64]).unwrap();
    let mut draft = talk.draft(by, CONTROL);
    draft.epoch += 1;
    change(&mut payload);
    people.control(&draft.clear(payload.to_string().as_bytes(), &by.device().key))
}

#[test]
fn h63_an_event_that_does_not_follow_is_refused() {
    let people = People::new();
    let room = Both::room("all", &people);
    let step = |change: &dyn Fn(&mut Value)| {
        let control = altered(&people, &room, 0, change).unwrap();
        control.step(room.state.as_ref(), Millis(0)).map(|step| step.rotates())
    };
    assert_eq!(step(&|_| {}), Ok(true));
    let refused = |change: &dyn Fn(&mut Value)| step(change).unwrap_err();
    assert_eq!(refused(&|p| p["index"] = json!(0)), Refusal::Index);
    assert_eq!(refused(&|p| p["index"] = json!(2)), Refusal::Index);
    assert_eq!(refused(&|p| p["prev"] = json!(b64([1; 32]))), Refusal::Prev);
    assert_eq!(refused(&|p| p["state"] = json!(b64([1; 32]))), Refusal::State);
    assert_eq!(refused(&|p| p["op"] = json!({"type": "rename", "name": "Garten"})), Refusal::Epoch);
    let commit = room.server().commit;
    assert_eq!(refused(&|p| p["commit"] = json!(commit)), Refusal::Commit);
    let other = ControlState {
        conversation: callbox::pure::wire::ConversationId::from_bytes([2; 16]),
        ..room.server().clone()
    };
    let control = altered(&people, &room, 0, &|_| {}).unwrap();
    assert_eq!(control.step(Some(&other), Millis(0)).err(), Some(Refusal::Conversation));
    assert_eq!(control.step(None, Millis(0)).err(), Some(Refusal::Index));
    let first =
        altered(&people, &room, 0, &|p| (p["index"], p["prev"]) = (json!(0), json!(b64([0; 32]))))
            .unwrap();
    assert_eq!(first.step(None, Millis(0)).err(), Some(Refusal::Epoch));
}

#[test]
fn h53_a_control_payload_is_read_strictly() {
    let people = People::new();
    let room = Both::room("all", &people);
    let read = |change: &dyn Fn(&mut Value)| altered(&people, &room, 0, change).err();
    let format =
        |change: &dyn Fn(&mut Value)| matches!(read(change), Some(InvalidControl::Format(_)));
    assert_eq!(read(&|p| p["v"] = json!(2)), Some(InvalidControl::Version));
    assert_eq!(read(&|p| p["epoch"] = json!(3)), Some(InvalidControl::Epoch));
    assert!(format(&|p| p["more"] = json!(1)));
    for field in ["v", "index", "prev", "epoch", "commit", "state", "ts", "op"] {
        assert!(format(&|p| drop(p.as_object_mut().unwrap().remove(field))), "{field}");
    }
    assert!(format(&|p| p["ts"] = json!(1_u64 << 53)));
    let account = b64([1; 16]);
    let link = json!({"id": account, "sign": b64(people.0[0].signing.verifying_key()),
        "seal": b64(people.0[0].sealing.public), "role": "guest", "expires": null, "lobby": true});
    for op in [
        json!({"type": "rotate"}),
        json!({"type": "leave"}),
        json!({"type": "remove", "account": account}),
        json!({"type": "rename", "name": "Garten"}),
        json!({"type": "link_add", "link": link}),
        json!({"type": "create", "kind": "direct", "name": null, "history": "all", "members": []}),
        json!({"type": "readmit", "member": {"account": account, "as": b64([1; 32])}}),
    ] {
        assert_eq!(read(&|p| p["op"] = op.clone()), None, "{op}");
        assert!(
            format(&|p| {
                p["op"] = op.clone();
                p["op"]["more"] = json!(1);
            }),
            "{op}"
        );
        for field in op.as_object().unwrap().keys() {
            assert!(
                format(&|p| {
                    p["op"] = op.clone();
                    p["op"].as_object_mut().unwrap().remove(field);
                }),
                "{op} without {field}"
            );
        }
    }
    for inner in ["id", "sign", "seal", "role", "expires", "lobby"] {
        let mut less = link.clone();
        less.as_object_mut().unwrap().remove(inner);
        assert!(format(&|p| p["op"] = json!({"type": "link_add", "link": less})), "{inner}");
    }
    for name in ["", " Garten", "a\u{202e}b", "e\u{301}", &"x".repeat(65)] {
        assert!(format(&|p| p["op"] = json!({"type": "rename", "name": name})), "{name:?}");
    }
    assert!(format(&|p| p["op"] = json!({"type": "other"})));
}

#[test]
fn h53_a_repeated_field_anywhere_is_refused() {
    let people = People::new();
    let by = &people.0[0];
    let mut room = Both::room("all", &people);
    let text = |posted: Posted| {
        String::from_utf8(posted.envelope[164..posted.envelope.len() - 64].to_vec()).unwrap()
    };
    let good = text(room.talk.clone().add_link(by, &link("one"), "guest", None, false));
    let mut read = |payload: &str| {
        let bytes = room.talk.draft(by, CONTROL).clear(payload.as_bytes(), &by.device().key);
        people.control(&bytes).err()
    };
    assert_eq!(read(&good), None);
    for field in
        ["\"v\":1", "\"index\":1", "\"type\":\"link_add\"", "\"lobby\":false", "\"expires\":null"]
    {
        let twice = good.replacen(field, &format!("{field},{field}"), 1);
        assert_ne!(twice, good);
        assert!(matches!(read(&twice), Some(InvalidControl::Format(_))), "{twice}");
    }
    assert!(matches!(read(&format!("{good} x")), Some(InvalidControl::Format(_))));
    assert!(matches!(read(&"[".repeat(100_000)), Some(InvalidControl::Format(_))));
}

#[test]
fn a_message_is_no_control_event() {
    let people = People::new();
    let mut room = Both::room("all", &people);
    let mut draft = room.talk.draft(&people.0[0], CONTENT);
    draft.epoch = 1;
    let bytes = draft.seal(&[1; 32], b"{}", &people.0[0].device().key);
    assert_eq!(people.control(&bytes).err(), Some(InvalidControl::Kind));
}

/// An event tried by somebody, possibly without the right to.
#[derive(Debug, Clone, Copy)]
enum Try {
    Add(usize, &'static str),
    Join(usize),
    Remove(usize),
    Leave,
    Rotate,
    Role(usize, &'static str),
    Rename(u8),
    LinkAdd(usize, &'static str, bool),
    LinkRevoke(usize),
}

fn tries() -> impl Strategy<Value = (usize, Try)> {
    let who = 0..6_usize;
    let role = prop::sample::select(vec!["member", "guest", "manager"]);
    let what = prop_oneof![
        3 => (who.clone(), role.clone()).prop_map(|(who, role)| Try::Add(who, role)),
        3 => (0..3_usize).prop_map(Try::Join),
        2 => who.clone().prop_map(Try::Remove),
        1 => Just(Try::Leave),
        1 => Just(Try::Rotate),
        2 => (who.clone(), role.clone()).prop_map(|(who, role)| Try::Role(who, role)),
        1 => any::<u8>().prop_map(Try::Rename),
        3 => (0..3_usize, role, any::<bool>()).prop_map(|(n, role, lobby)| Try::LinkAdd(n, role, lobby)),
        1 => (0..3_usize).prop_map(Try::LinkRevoke),
    ];
    (who, what)
}

fn attempt(both: &mut Both, people: &People, by: usize, what: Try) -> Result<(), Refusal> {
    let links = ["one", "two", "three"].map(link);
    let (by, person) = (&people.0[by], |who: usize| &people.0[who]);
    both.run(people, |talk| match what {
        Try::Add(who, role) => talk.add(by, &[(person(who), role)]),
        Try::Join(n) => {
            let found = talk.state.links.iter().find(|link| link.id == links[n].id);
            let role = found.map_or("guest", |link| link.role);
            talk.join(by, &links[n], role)
        }
        Try::Remove(who) => talk.remove(by, person(who).account),
        Try::Leave => talk.leave(by),
        Try::Rotate => talk.rotate(by),
        Try::Role(who, role) => talk.set_role(by, person(who).account, role),
        Try::Rename(n) => talk.rename(by, &format!("Raum {n}")),
        Try::LinkAdd(n, role, lobby) => talk.add_link(by, &links[n], role, None, lobby),
        Try::LinkRevoke(n) => talk.revoke_link(by, links[n].id),
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever is tried: nobody gains a place or a role without somebody's
    /// right to give it, both sides compute the same, and a replay arrives there too.
    #[test]
    fn no_log_gives_anybody_more_than_the_rules(
        history in prop::sample::select(vec!["all", "since_join"]),
        script in prop::collection::vec(tries(), 1..40),
    ) {
        let people = People::new();
        let mut both = Both::room(history, &people);
        for (by, what) in script {
            let before = both.server().clone();
            let taken = attempt(&mut both, &people, by, what);
            both.agree();
            let after = both.server();
            if taken.is_err() {
                prop_assert_eq!(&before, after);
                continue;
            }
            let signer = before.member(people.0[by].id()).map(|member| member.role);
            let gained = |account: &AccountId| before.member(*account).is_none();
            for member in after.members.iter().filter(|member| gained(&member.account)) {
                let let_in = matches!(what, Try::Add(..)) && matches!(signer, Some(MemberRole::Member | MemberRole::Manager));
                let joined = matches!(what, Try::Join(_)) && member.account == people.0[by].id()
                    && before.links.iter().any(|link| !link.lobby && link.role == member.role);
                prop_assert!(let_in || joined, "{:?} {:?}", what, signer);
                prop_assert_ne!(member.role, MemberRole::Manager);
            }
            let heirs = matches!(what, Try::Leave);
            for member in &after.members {
                let was = before.member(member.account).map(|member| member.role);
                if was.is_some_and(|was| was != member.role) && !heirs {
                    prop_assert_eq!(signer, Some(MemberRole::Manager));
                }
            }
            let lost = before.members.iter().filter(|member| after.member(member.account).is_none());
            for member in lost {
                let oneself = member.account == people.0[by].id();
                prop_assert!(oneself || signer == Some(MemberRole::Manager));
                prop_assert!(oneself || after.epoch == before.epoch + 1);
            }
        }
        let replayed = both.log.iter().fold(None, |state: Option<ControlState>, (bytes, at)| {
            Some(people.control(bytes).unwrap().step(state.as_ref(), *at).unwrap().replay())
        });
        prop_assert_eq!(replayed.as_ref(), both.state.as_ref());
    }

    #[test]
    fn any_payload_is_read_without_panic(
        at in any::<prop::sample::Index>(),
        new in prop::collection::vec(any::<u8>(), 0..4),
        cut in 0..4_usize,
    ) {
        let people = People::new();
        let by = &people.0[0];
        let mut talk = Talk::new([1; 16], "room", "all", "Küche", Chance::of("x"));
        let posted = talk.create(&[(by, "manager")]);
        let mut payload = posted.envelope[164..posted.envelope.len() - 64].to_vec();
        let at = at.index(payload.len());
        payload.splice(at..(at + cut).min(payload.len()), new);
        let bytes = talk.draft(by, CONTROL).clear(&payload, &by.device().key);
        let _ = people.control(&bytes).map(|control| control.step(None, Millis(0)).is_ok());
    }
}
