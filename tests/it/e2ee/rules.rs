//! Who may change a conversation, and what it becomes.

use callbox::pure::e2ee::link::verify_knock;
use callbox::pure::e2ee::{Hash, Refusal, Signature};
use callbox::pure::wire::{LinkId, MemberRole};

use super::world::{Both, People, link};
use crate::e2ee_client::keys::LinkKeys;
use crate::e2ee_client::{Chance, Person, Posted, Talk};

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
            both("all").run(&people, |t| t.add_link(by, &fresh, "guest", None, false)),
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
        Refusal::LinkRole
    );
    assert_eq!(
        refused(&room, &|t| t.add_link(anna, &link("one"), "member", None, false)),
        Refusal::LinkRole
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
    for (role, lobby) in [("guest", false), ("member", true)] {
        assert_eq!(
            refused(&everyone, &|t| t.add_link(bob, &link("one"), role, None, lobby)),
            Refusal::LinkRole
        );
    }
    assert!(
        everyone.run(&people, |t| t.add_link(bob, &link("one"), "member", None, false)).is_ok()
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
fn h65_whoever_knocks_is_let_in_by_a_member_and_in_the_links_role() {
    let people = People::new();
    let [anna, bob, cleo, dora, emil, _] = &people.0;
    for history in ["all", "since_join"] {
        let (lobby, open) = (link("lobby"), link("open"));
        let mut room = Both::room(history, &people);
        let expires = Some(room.talk.time + 60_000);
        room.run(&people, |t| t.add_link(bob, &lobby, "guest", expires, true)).unwrap();
        room.run(&people, |t| t.add_link(bob, &open, "guest", None, false)).unwrap();
        let refused =
            |both: &Both, make: &dyn Fn(&mut Talk) -> Posted| both.clone().run(&people, make).err();
        let admit = |t: &mut Talk| t.admit(cleo, emil, lobby.id, "guest");
        assert_eq!(refused(&room, &admit), None);
        let by_guest = |t: &mut Talk| t.admit(dora, emil, lobby.id, "guest");
        assert_eq!(refused(&room, &by_guest), Some(Refusal::Role));
        let as_member = |t: &mut Talk| t.admit(cleo, emil, lobby.id, "member");
        assert_eq!(refused(&room, &as_member), Some(Refusal::Via));
        let open_link = |t: &mut Talk| t.admit(cleo, emil, open.id, "guest");
        assert_eq!(refused(&room, &open_link), Some(Refusal::Via));
        let no_link = |t: &mut Talk| t.admit(cleo, emil, [7; 16], "guest");
        assert_eq!(refused(&room, &no_link), Some(Refusal::NoSuchLink));
        let mut later = room.clone();
        later.talk.time += 60_000;
        assert_eq!(refused(&later, &admit), Some(Refusal::NoSuchLink));

        // With the link go those who came by it, unless they have become members.
        room.run(&people, admit).unwrap();
        room.agree();
        let via = |room: &Both| room.server().member(emil.id()).map(|member| member.via);
        assert_eq!(via(&room), Some(Some(LinkId::from_bytes(lobby.id))));
        let mut kept = room.clone();
        kept.run(&people, |t| t.set_role(anna, emil.account, "member")).unwrap();
        kept.agree();
        assert_eq!(via(&kept), Some(None));
        kept.run(&people, |t| t.revoke_link(bob, lobby.id)).unwrap();
        assert_eq!((via(&kept), kept.server().members.len()), (Some(None), 5));
        room.run(&people, |t| t.revoke_link(anna, lobby.id)).unwrap();
        room.agree();
        assert_eq!((via(&room), room.server().members.len()), (None, 4));
    }
}

#[test]
fn a_link_that_has_expired_is_ended_by_any_member() {
    let people = People::new();
    let [anna, _, cleo, dora, emil, _] = &people.0;
    let open = link("open");
    let mut room = Both::room("all", &people);
    let expires = Some(room.talk.time + 60_000);
    room.run(&people, |t| t.add_link(anna, &open, "guest", expires, false)).unwrap();
    room.run(&people, |t| t.join(emil, &open, "guest")).unwrap();
    let revoke = |both: &Both, by: &Person| {
        let mut both = both.clone();
        both.run(&people, |t| t.revoke_link(by, open.id)).map(|()| both.agree()).err()
    };
    assert_eq!(revoke(&room, cleo), Some(Refusal::Role));
    room.talk.time += 60_000;
    assert_eq!(revoke(&room, cleo), None);
    assert_eq!(revoke(&room, dora), Some(Refusal::Role));
}

#[test]
fn h65_a_knock_is_signed_by_the_link_for_one_person_and_place() {
    let people = People::new();
    let [_, bob, _, _, emil, stranger] = &people.0;
    let keys = link("lobby");
    let mut room = Both::room("all", &people);
    room.run(&people, |t| t.add_link(bob, &keys, "guest", None, true)).unwrap();
    let state = room.server();
    let held = state.link(LinkId::from_bytes(keys.id)).unwrap();
    let good = |who: &Person, signature: [u8; 64]| {
        let identity = Hash::new(who.identity());
        let (id, sign) = (state.conversation, &held.sign);
        verify_knock(sign, held.id, id, who.id(), &identity, &Signature::new(signature))
    };
    assert!(good(emil, room.talk.knock(emil, &keys)));
    assert!(!good(stranger, room.talk.knock(emil, &keys)));
    let forged = LinkKeys { id: keys.id, ..link("other") };
    assert!(!good(emil, room.talk.knock(emil, &forged)));
    let mut elsewhere = room.talk.clone();
    elsewhere.id = [9; 16];
    assert!(!good(emil, elsewhere.knock(emil, &keys)));
    let mut another = link("lobby");
    another.id = [9; 16];
    assert!(!good(emil, room.talk.knock(emil, &another)));
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
