//! A conversation as one who can do everything sees it: all epoch secrets, the
//! state of the control log computed from the description alone, every device's chain.

use std::collections::BTreeMap;

use callbox::pure::wire::{AccountId, Grant};
use serde_json::{Value, json};

use super::Person;
use super::crypto::{Chance, b64, hpke_seal, label, sha256, sign};
use super::envelope::{self, CONTENT, CONTROL, Draft};
use super::keys::LinkKeys;

#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    pub account: [u8; 16],
    pub identity: [u8; 32],
    pub role: &'static str,
    /// The link it came by, while a guest; zeros for none.
    pub via: [u8; 16],
    pub g: u32,
    pub seal: [u8; 32],
}

#[derive(Clone, Debug, PartialEq)]
pub struct Link {
    pub id: [u8; 16],
    pub sign: [u8; 32],
    pub seal: [u8; 32],
    pub role: &'static str,
    pub expires: Option<u64>,
    pub lobby: bool,
}

/// What the control log amounts to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct State {
    pub kind: &'static str,
    pub history: &'static str,
    pub name: String,
    pub members: Vec<Member>,
    pub links: Vec<Link>,
}

/// An event ready to be posted.
#[derive(Clone, Debug)]
pub struct Posted {
    pub envelope: Vec<u8>,
    pub grants: Vec<Grant>,
}

#[derive(Clone)]
pub struct Talk {
    pub id: [u8; 16],
    pub state: State,
    /// Of each epoch, from 1: its secret and the payload that set it.
    pub secrets: Vec<([u8; 32], Vec<u8>)>,
    /// The index of the next control event and the hash of the last.
    pub index: u32,
    pub last: [u8; 32],
    /// Of each device, its next counter and last envelope.
    pub chains: BTreeMap<[u8; 16], (u64, [u8; 32])>,
    pub seen: (u64, [u8; 32]),
    pub time: u64,
    pub chance: Chance,
}

/// What an event does to the epochs.
#[derive(Clone, Copy, PartialEq)]
enum Secrets<'a> {
    New,
    /// Grants of all epochs, to these.
    All(&'a [[u8; 16]]),
    /// A new epoch, and all the others to this one.
    NewAndAll([u8; 16]),
    /// A grant of the current epoch, to this one.
    Current([u8; 16]),
    Same,
}

impl Talk {
    pub fn new(
        id: [u8; 16],
        kind: &'static str,
        history: &'static str,
        name: &str,
        chance: Chance,
    ) -> Self {
        let state = State { kind, history, name: name.to_owned(), ..State::default() };
        Self {
            id,
            state,
            secrets: Vec::new(),
            index: 0,
            last: [0; 32],
            chains: BTreeMap::new(),
            seen: (0, [0; 32]),
            time: 1_700_000_000_000,
            chance,
        }
    }

    /// The epoch in force.
    pub fn epoch(&self) -> u32 {
        self.secrets.len() as u32
    }

    pub fn create(&mut self, members: &[(&Person, &'static str)]) -> Posted {
        self.state.members = members.iter().map(|(person, role)| member(person, role)).collect();
        let name = (self.state.kind == "room").then(|| self.state.name.clone());
        let op = json!({
            "type": "create", "kind": self.state.kind, "name": name, "history": self.state.history,
            "members": self.state.members.iter().map(member_json).collect::<Vec<_>>(),
        });
        self.event(members[0].0, op, Secrets::New)
    }

    pub fn add(&mut self, by: &Person, members: &[(&Person, &'static str)]) -> Posted {
        let members: Vec<_> = members.iter().map(|(person, role)| member(person, role)).collect();
        let op =
            json!({"type": "add", "members": members.iter().map(member_json).collect::<Vec<_>>()});
        self.enter(by, op, members)
    }

    /// Lets somebody in who knocked at a link.
    pub fn admit(
        &mut self,
        by: &Person,
        who: &Person,
        link: [u8; 16],
        role: &'static str,
    ) -> Posted {
        let member = Member { via: link, ..member(who, role) };
        let mut json = member_json(&member);
        json["via"] = b64(link).into();
        self.enter(by, json!({"type": "add", "members": [json]}), vec![member])
    }

    fn enter(&mut self, by: &Person, op: Value, members: Vec<Member>) -> Posted {
        let to: Vec<_> = members.iter().map(|member| member.account).collect();
        self.state.members.extend(members);
        let secrets = if self.state.history == "all" { Secrets::All(&to) } else { Secrets::New };
        self.event(by, op, secrets)
    }

    pub fn join(&mut self, who: &Person, link: &LinkKeys, role: &'static str) -> Posted {
        let member = member(who, role);
        let parts: [&[u8]; 4] =
            [&self.id, &self.index.to_be_bytes(), &who.account, &who.identity()];
        let op = json!({
            "type": "join", "link": b64(link.id), "member": member_json(&member),
            "signature": b64(sign(&link.sign, "join", &parts)),
        });
        self.state.members.push(Member { via: link.id, ..member });
        let to = [who.account];
        let all = self.state.history == "all";
        self.event(who, op, if all { Secrets::All(&to) } else { Secrets::Current(who.account) })
    }

    pub fn remove(&mut self, by: &Person, account: [u8; 16]) -> Posted {
        self.state.members.retain(|member| member.account != account);
        self.event(by, json!({"type": "remove", "account": b64(account)}), Secrets::New)
    }

    pub fn leave(&mut self, who: &Person) -> Posted {
        let members = &mut self.state.members;
        members.retain(|member| member.account != who.account);
        if !members.iter().any(|member| member.role == "manager")
            && let Some(heir) = members.iter_mut().find(|member| member.role == "member")
        {
            heir.role = "manager";
        }
        self.event(who, json!({"type": "leave"}), Secrets::Same)
    }

    pub fn rotate(&mut self, by: &Person) -> Posted {
        self.event(by, json!({"type": "rotate"}), Secrets::New)
    }

    pub fn set_role(&mut self, by: &Person, account: [u8; 16], role: &'static str) -> Posted {
        for member in self.state.members.iter_mut().filter(|member| member.account == account) {
            member.role = role;
            if role != "guest" {
                member.via = [0; 16];
            }
        }
        self.event(
            by,
            json!({"type": "role", "account": b64(account), "role": role}),
            Secrets::Same,
        )
    }

    /// What proves to a member that somebody has the link.
    pub fn knock(&self, who: &Person, link: &LinkKeys) -> [u8; 64] {
        let parts: [&[u8]; 4] = [&link.id, &self.id, &who.account, &who.identity()];
        sign(&link.sign, "knock", &parts)
    }

    pub fn rename(&mut self, by: &Person, name: &str) -> Posted {
        name.clone_into(&mut self.state.name);
        self.event(by, json!({"type": "rename", "name": name}), Secrets::Same)
    }

    pub fn add_link(
        &mut self,
        by: &Person,
        keys: &LinkKeys,
        role: &'static str,
        expires: Option<u64>,
        lobby: bool,
    ) -> Posted {
        let (id, sign, seal) = (keys.id, *keys.sign.verifying_key().as_bytes(), keys.seal.public);
        let op = json!({"type": "link_add", "link": {
            "id": b64(id), "sign": b64(sign), "seal": b64(seal), "role": role,
            "expires": expires, "lobby": lobby,
        }});
        self.state.links.push(Link { id, sign, seal, role, expires, lobby });
        let to = [id];
        let secrets = match (self.state.history, lobby) {
            ("all", true) => Secrets::Same,
            ("all", false) => Secrets::All(&to),
            _ => Secrets::New,
        };
        self.event(by, op, secrets)
    }

    pub fn revoke_link(&mut self, by: &Person, id: [u8; 16]) -> Posted {
        self.state.links.retain(|link| link.id != id);
        self.state.members.retain(|member| member.via != id);
        self.event(by, json!({"type": "link_revoke", "link": b64(id)}), Secrets::New)
    }

    pub fn readmit(&mut self, by: &Person, who: &Person) -> Posted {
        self.refresh(who);
        for member in self.state.members.iter_mut().filter(|member| member.account == who.account) {
            member.identity = who.identity();
        }
        let op = json!({"type": "readmit", "member": {"account": b64(who.account), "as": b64(who.identity())}});
        let all = self.state.history == "all";
        self.event(by, op, if all { Secrets::NewAndAll(who.account) } else { Secrets::New })
    }

    /// Seals to the person's newest keys from now on.
    pub fn refresh(&mut self, who: &Person) {
        for member in self.state.members.iter_mut().filter(|member| member.account == who.account) {
            (member.g, member.seal) = (who.g, who.sealing.public);
        }
    }

    /// A sealed message under the epoch in force.
    pub fn say(&mut self, who: &Person, plain: &[u8]) -> Vec<u8> {
        let mut draft = self.draft(who, CONTENT);
        draft.epoch = self.epoch();
        let secret = self.secrets.last().unwrap().0;
        let bytes = draft.seal(&secret, plain, &who.device().key);
        self.sent(&bytes, &draft);
        bytes
    }

    /// A header with the device's chain continued.
    pub fn draft(&mut self, who: &Person, kind: u8) -> Draft {
        let device = who.device().id;
        let (n, prev) = self.chains.get(&device).copied().unwrap_or_default();
        self.time += 1_000;
        Draft {
            kind,
            epoch: self.epoch(),
            conversation: self.id,
            account: who.account,
            device,
            n,
            time: self.time,
            seen_seq: self.seen.0,
            seen_hash: self.seen.1,
            prev,
            salt: self.chance.bytes(),
        }
    }

    fn sent(&mut self, bytes: &[u8], draft: &Draft) {
        self.chains.insert(draft.device, (draft.n + 1, envelope::id(bytes)));
    }

    fn event(&mut self, by: &Person, op: Value, secrets: Secrets<'_>) -> Posted {
        let rotates = matches!(secrets, Secrets::New | Secrets::NewAndAll(_));
        if rotates {
            self.secrets.push((self.chance.bytes(), Vec::new()));
        }
        let draft = self.draft(by, CONTROL);
        let payload = json!({
            "v": 1, "index": self.index, "prev": b64(self.last), "epoch": self.epoch(),
            "commit": b64(commit(&self.secrets.last().unwrap().0)), "state": b64(self.state.hash()),
            "ts": self.time, "op": op,
        })
        .to_string()
        .into_bytes();
        if rotates {
            self.secrets.last_mut().unwrap().1.clone_from(&payload);
        }
        self.index += 1;
        self.last = sha256(&[&payload]);
        let envelope = draft.clear(&payload, &by.device().key);
        self.sent(&envelope, &draft);
        let grants = self.grants(by, secrets);
        Posted { envelope, grants }
    }

    fn grants(&mut self, by: &Person, secrets: Secrets<'_>) -> Vec<Grant> {
        let now = self.epoch();
        let everybody: Vec<[u8; 16]> = self
            .state
            .members
            .iter()
            .map(|m| m.account)
            .chain(self.state.links.iter().filter(|l| !l.lobby).map(|l| l.id))
            .collect();
        let known = everybody.clone();
        let all = |to: [u8; 16]| (1..=now).map(move |epoch| (to, epoch));
        let due: Vec<([u8; 16], u32)> = match secrets {
            Secrets::New => everybody.into_iter().map(|to| (to, now)).collect(),
            Secrets::All(to) => to.iter().copied().flat_map(all).collect(),
            Secrets::NewAndAll(who) => {
                let others = everybody.into_iter().filter(|to| *to != who).map(|to| (to, now));
                others.chain(all(who)).collect()
            }
            Secrets::Current(to) => vec![(to, now)],
            Secrets::Same => Vec::new(),
        };
        // An event about somebody who is not there has nobody to seal to; the server refuses it anyway.
        let due = due.into_iter().filter(|(to, _)| known.contains(to));
        due.map(|(to, epoch)| self.grant(by, to, epoch)).collect()
    }

    /// Seals an epoch's secret to a member or link.
    pub fn grant(&mut self, by: &Person, to: [u8; 16], epoch: u32) -> Grant {
        let member = self.state.members.iter().find(|member| member.account == to);
        let (g, seal) = member.map_or_else(
            || (0, self.state.links.iter().find(|link| link.id == to).unwrap().seal),
            |member| (member.g, member.seal),
        );
        let info = self.grant_info(to, epoch);
        let (secret, ikm) = (self.secrets[epoch as usize - 1].0, self.chance.bytes());
        let (enc, ct) = hpke_seal(&seal, ikm, &info, &by.account, &secret);
        let to = AccountId::from_bytes(to).into();
        Grant { to, epoch, g, enc: enc.into(), ct: ct.into() }
    }

    pub fn grant_info(&self, to: [u8; 16], epoch: u32) -> Vec<u8> {
        let set_by = sha256(&[&self.secrets[epoch as usize - 1].1]);
        [
            label("grant\0"),
            self.id.to_vec(),
            epoch.to_be_bytes().to_vec(),
            to.to_vec(),
            set_by.to_vec(),
        ]
        .concat()
    }
}

impl State {
    pub fn hash(&self) -> [u8; 32] {
        let place = |list: &[&str], word| list.iter().position(|w| *w == word).unwrap() as u8;
        let role = |word| place(&["member", "manager", "guest"], word);
        let mut bytes = label("state\0");
        bytes.push(place(&["everyone", "room", "direct"], self.kind));
        bytes.push(place(&["all", "since_join"], self.history));
        bytes.extend((self.name.len() as u16).to_be_bytes());
        bytes.extend(self.name.as_bytes());
        bytes.extend((self.members.len() as u32).to_be_bytes());
        for member in &self.members {
            bytes.extend([&member.account[..], &member.identity, &[role(member.role)]].concat());
            bytes.extend(member.via);
        }
        bytes.extend((self.links.len() as u32).to_be_bytes());
        for link in &self.links {
            bytes.extend([&link.id[..], &link.sign, &link.seal, &[role(link.role)]].concat());
            bytes.extend(link.expires.unwrap_or(0).to_be_bytes());
            bytes.push(u8::from(link.lobby));
        }
        sha256(&[&bytes])
    }
}

pub fn commit(secret: &[u8; 32]) -> [u8; 32] {
    sha256(&[&label("epoch-commit\0"), secret])
}

fn member(person: &Person, role: &'static str) -> Member {
    let (account, identity) = (person.account, person.identity());
    Member { account, identity, role, via: [0; 16], g: person.g, seal: person.sealing.public }
}

fn member_json(member: &Member) -> Value {
    json!({"account": b64(member.account), "as": b64(member.identity), "role": member.role})
}
