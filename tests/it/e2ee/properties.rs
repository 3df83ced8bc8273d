//! Random control logs, and random damage to what is read.

use callbox::pure::e2ee::{ControlState, Envelope, Record, Refusal};
use callbox::pure::wire::{AccountId, MemberRole, Millis};
use proptest::prelude::*;
use serde_json::Value;

use super::world::{Both, People, link};
use crate::e2ee_client::envelope::CONTROL;
use crate::e2ee_client::{Chance, Talk};

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

    /// The corpus are the vectors: every operation, every kind of envelope, every record.
    #[test]
    fn damaged_vectors_are_read_without_panic(
        which in any::<prop::sample::Index>(),
        at in any::<prop::sample::Index>(),
        new in prop::collection::vec(any::<u8>(), 0..4),
        cut in 0..4_usize,
    ) {
        let (people, corpus) = (People::new(), corpus());
        let (kind, bytes) = &corpus[which.index(corpus.len())];
        let mut bytes = bytes.clone();
        let at = at.index(bytes.len());
        bytes.splice(at..(at + cut).min(bytes.len()), new);
        match kind {
            Seed::Envelope => drop(Envelope::parse(bytes.into())),
            Seed::Record => drop(Record::stored(&bytes)),
            Seed::Payload => {
                let by = &people.0[0];
                let mut talk = Talk::new([1; 16], "room", "all", "", Chance::of("corpus"));
                talk.rotate(by);
                let envelope = talk.draft(by, CONTROL).clear(&bytes, &by.device().key);
                let _ = people.control(&envelope).map(|control| control.step(None, Millis(0)).is_ok());
            }
        }
    }
}

/// What a seed of the corpus is.
enum Seed {
    Envelope,
    Record,
    Payload,
}

fn corpus() -> Vec<(Seed, Vec<u8>)> {
    let vectors: Value = serde_json::from_str(include_str!("../../vectors/e2ee.json")).unwrap();
    let list = |value: &Value| value.as_array().unwrap().clone();
    let text = |value: &Value| value.as_str().unwrap().as_bytes().to_vec();
    let hex = |value: &Value| {
        let pair =
            |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
        text(value).chunks(2).map(pair).collect::<Vec<_>>()
    };
    let events: Vec<_> =
        list(&vectors["control"]).iter().flat_map(|log| list(&log["events"])).collect();
    let envelopes = list(&vectors["envelopes"]).into_iter().chain(events.clone());
    let envelopes = envelopes.map(|one| (Seed::Envelope, hex(&one["envelope"])));
    let records = list(&vectors["records"]["steps"]).into_iter();
    let records = records.map(|one| (Seed::Record, text(&one["payload"])));
    let payloads = events.iter().map(|one| (Seed::Payload, text(&one["payload"])));
    envelopes.chain(records).chain(payloads).collect()
}
