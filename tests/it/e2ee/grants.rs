//! Which grants go with a control event, and what may go before a due rotation.

use callbox::pure::e2ee::{Refusal, WrongGrants};
use callbox::pure::wire::{AccountId, Grant};

use super::world::{Both, People, link};
use crate::e2ee_client::{Posted, Talk};

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
        &|t| t.add_link(bob, &link("two"), "guest", None, false),
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
        assert_eq!(check(Grant { epoch, ..good.clone() }), Err(WrongGrants::NotDue));
    }
    let other = Grant { to: emil.id().into(), ..good.clone() };
    assert_eq!(check(other), Err(WrongGrants::NotDue));
    assert_eq!(check(Grant { g: 2, ..good }), Err(WrongGrants::Generation));
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
