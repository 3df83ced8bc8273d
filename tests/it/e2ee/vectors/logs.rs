//! The control logs of the vectors: every operation, in each kind of conversation.

use callbox::pure::e2ee::{Control, ControlState, Envelope, MemberKeys, Record};
use callbox::pure::wire::{AccountId, Grant, Millis};
use serde_json::{Value, json};

use super::{hex, person, text};
use crate::e2ee_client::crypto::sha256;
use crate::e2ee_client::envelope::id;
use crate::e2ee_client::keys::LinkKeys;
use crate::e2ee_client::talk::{Posted, State};
use crate::e2ee_client::{Chance, Person, Talk};

pub fn room(history: &'static str) -> Value {
    let [anna, bob, cleo, dora, emil, fay] =
        ["anna", "bob", "cleo", "dora", "emil", "fay"].map(person);
    let mut reborn = person("bob");
    reborn.reset();
    let mut chance = Chance::of(history);
    let id = chance.bytes();
    let link = LinkKeys::derive(chance.bytes(), &chance.bytes());
    let guests = LinkKeys::derive(chance.bytes(), &chance.bytes());
    let mut log = Log::new(Talk::new(id, "room", history, "Küche 🍳", chance));
    let all = [&anna, &bob, &cleo, &dora, &emil, &fay];
    let later = [&anna, &reborn, &cleo, &dora, &emil, &fay];
    log.show("create", &anna, &all, |t| t.create(&[(&anna, "manager"), (&bob, "member")]));
    log.show("rotate", &bob, &all, |t| t.rotate(&bob));
    log.show("add", &bob, &all, |t| t.add(&bob, &[(&cleo, "member")]));
    log.show("role", &anna, &all, |t| t.set_role(&anna, cleo.account, "manager"));
    log.show("rename", &cleo, &all, |t| t.rename(&cleo, "Garten"));
    let expires = Some(1_800_000_000_000);
    log.show("link_add", &bob, &all, |t| t.add_link(&bob, &link, "guest", expires, false));
    log.show("join", &dora, &all, |t| t.join(&dora, &link, "guest"));
    log.show("link_add, lobby", &anna, &all, |t| t.add_link(&anna, &guests, "guest", None, true));
    log.show("add, let in", &bob, &all, |t| t.admit(&bob, &emil, guests.id, "guest"));
    log.show("add, let in", &cleo, &all, |t| t.admit(&cleo, &fay, guests.id, "guest"));
    log.show("role, no guest", &anna, &all, |t| t.set_role(&anna, fay.account, "member"));
    log.show("link_revoke", &bob, &all, |t| t.revoke_link(&bob, link.id));
    log.show("link_revoke, lobby", &cleo, &all, |t| t.revoke_link(&cleo, guests.id));
    log.show("readmit", &cleo, &later, |t| t.readmit(&cleo, &reborn));
    log.show("leave", &fay, &later, |t| t.leave(&fay));
    log.show("remove", &cleo, &later, |t| t.remove(&cleo, anna.account));
    log.show("leave, an heir", &cleo, &later, |t| t.leave(&cleo));
    log.end(&[&anna, &bob, &reborn, &cleo, &dora, &emil, &fay], &[&link, &guests])
}

pub fn pair() -> Value {
    let [anna, bob] = ["anna", "bob"].map(person);
    let mut chance = Chance::of("direct");
    let mut log = Log::new(Talk::new(chance.bytes(), "direct", "all", "", chance));
    let all = [&anna, &bob];
    log.show("create", &anna, &all, |t| t.create(&[(&anna, "member"), (&bob, "member")]));
    log.show("rotate", &bob, &all, |t| t.rotate(&bob));
    log.end(&all, &[])
}

pub fn everyone() -> Value {
    let [anna, bob] = ["anna", "bob"].map(person);
    let mut chance = Chance::of("everyone");
    let id = chance.bytes();
    let invite = LinkKeys::derive(chance.bytes(), &chance.bytes());
    let mut log = Log::new(Talk::new(id, "everyone", "all", "", chance));
    let all = [&anna, &bob];
    log.show("create", &anna, &all, |t| t.create(&[(&anna, "manager")]));
    log.show("link_add", &anna, &all, |t| t.add_link(&anna, &invite, "member", None, false));
    log.show("join", &bob, &all, |t| t.join(&bob, &invite, "member"));
    log.end(&all, &[&invite])
}

/// Shows each event of a conversation, having the server's code take it.
struct Log {
    talk: Talk,
    state: Option<ControlState>,
    events: Vec<Value>,
}

impl Log {
    fn new(talk: Talk) -> Self {
        Self { talk, state: None, events: Vec::new() }
    }

    fn show(
        &mut self,
        name: &str,
        by: &Person,
        people: &[&Person],
        made: impl FnOnce(&mut Talk) -> Posted,
    ) {
        let posted = made(&mut self.talk);
        let envelope = Envelope::parse(posted.envelope.clone().into()).unwrap();
        let record = Record::stored(by.record().payload.as_ref()).unwrap();
        let key = record.signer(by.device_id()).unwrap();
        let control = Control::parse(&envelope.verify(key).unwrap()).unwrap();
        let step = control.step(self.state.as_ref(), Millis(self.talk.time)).unwrap();
        let keys = |account: AccountId| {
            let person = people.iter().find(|person| person.id() == account)?;
            let record = Record::stored(person.record().payload.as_ref()).unwrap();
            Some(MemberKeys { generation: record.generation(), identity: record.identity() })
        };
        let rotates = step.rotates();
        self.state = Some(step.admit(&posted.grants, keys).unwrap());
        let body = &posted.envelope[164..posted.envelope.len() - 64];
        self.events.push(json!({
            "name": name, "account": hex(by.account), "device": hex(by.device().id),
            "device_seed": hex(by.device().key.to_bytes()), "device_pub": hex(by.device().key.verifying_key()),
            "at": self.talk.time, "envelope": hex(&posted.envelope), "payload": text(body),
            "payload_hash": hex(sha256(&[body])), "id": hex(id(&posted.envelope)),
            "rotates": rotates, "epoch_secret": hex(self.talk.secrets.last().unwrap().0),
            "state": state_json(&self.talk.state), "state_hash": hex(self.talk.state.hash()),
            "grants": posted.grants.iter().map(|grant| grant_json(grant, by)).collect::<Vec<_>>(),
        }));
    }

    fn end(self, people: &[&Person], links: &[&LinkKeys]) -> Value {
        let members = people.iter().map(|p| {
            json!({"to": hex(p.account), "g": p.g, "secret": hex(p.sealing.secret), "public": hex(p.sealing.public)})
        });
        let links = links.iter().map(|l| {
            json!({"to": hex(l.id), "g": 0, "secret": hex(l.seal.secret), "public": hex(l.seal.public)})
        });
        json!({
            "conversation": hex(self.talk.id), "events": self.events,
            "keys": members.chain(links).collect::<Vec<_>>(),
        })
    }
}

fn state_json(state: &State) -> Value {
    let members = state.members.iter().map(|member| {
        json!({
            "account": hex(member.account), "as": hex(member.identity), "role": member.role,
            "via": (member.via != [0; 16]).then(|| hex(member.via)),
        })
    });
    let links = state.links.iter().map(|link| {
        json!({
            "id": hex(link.id), "sign": hex(link.sign), "seal": hex(link.seal), "role": link.role,
            "expires": link.expires, "lobby": link.lobby,
        })
    });
    json!({
        "kind": state.kind, "history": state.history, "name": (state.kind == "room").then_some(&state.name),
        "members": members.collect::<Vec<_>>(), "links": links.collect::<Vec<_>>(),
    })
}

fn grant_json(grant: &Grant, by: &Person) -> Value {
    json!({
        "to": hex(grant.to.as_bytes()), "epoch": grant.epoch, "g": grant.g, "enc": hex(&grant.enc),
        "ct": hex(&grant.ct), "by": hex(by.account),
    })
}
