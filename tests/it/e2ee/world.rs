//! A conversation that a client changes and the server follows.

use callbox::pure::e2ee::{
    Control, ControlState, Envelope, InvalidControl, MemberKeys, Record, Refusal,
};
use callbox::pure::wire::{AccountId, Millis};

use crate::e2ee_client::keys::LinkKeys;
use crate::e2ee_client::{Chance, Person, Posted, Talk};

/// A conversation at the client and at the server.
#[derive(Clone)]
pub struct Both {
    pub talk: Talk,
    pub state: Option<ControlState>,
    pub log: Vec<(Vec<u8>, Millis)>,
}

/// The people of all tests; the last is a stranger everywhere.
pub struct People(pub [Person; 6]);

impl People {
    pub fn new() -> Self {
        Self(
            ["anna", "bob", "cleo", "dora", "emil", "stranger"].map(|n| Person::new(Chance::of(n))),
        )
    }

    pub fn keys(&self, account: AccountId) -> Option<MemberKeys> {
        let person = self.0.iter().find(|person| person.id() == account)?;
        let record = Record::stored(person.record().payload.as_ref()).unwrap();
        Some(MemberKeys { generation: record.generation(), identity: record.identity() })
    }

    pub fn control(&self, envelope: &[u8]) -> Result<Control, InvalidControl> {
        let parsed = Envelope::parse(envelope.to_vec().into()).unwrap();
        let signer = self.0.iter().find(|person| person.id() == parsed.header().account).unwrap();
        let record = Record::stored(signer.record().payload.as_ref()).unwrap();
        let key = record.signer(parsed.header().device).unwrap();
        Control::parse(&parsed.verify(key).unwrap())
    }
}

impl Both {
    pub fn new(
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
    pub fn room(history: &'static str, people: &People) -> Self {
        let [anna, bob, cleo, dora, ..] = &people.0;
        let members = [(anna, "manager"), (bob, "member"), (cleo, "member"), (dora, "guest")];
        Self::new("room", history, &members, people)
    }

    /// The server takes what the client made; else both stay as they were.
    pub fn run(
        &mut self,
        people: &People,
        make: impl FnOnce(&mut Talk) -> Posted,
    ) -> Result<(), Refusal> {
        self.post(people, make, |_| {})
    }

    pub fn post(
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

    pub fn server(&self) -> &ControlState {
        self.state.as_ref().unwrap()
    }

    pub fn agree(&self) {
        let server = self.server();
        assert_eq!(server.hash().as_bytes(), &self.talk.state.hash());
        assert_eq!((server.index + 1, server.epoch), (self.talk.index, self.talk.epoch()));
        let accounts = server.members.iter().map(|member| *member.account.as_bytes());
        assert!(accounts.eq(self.talk.state.members.iter().map(|member| member.account)));
    }
}

pub fn link(name: &str) -> LinkKeys {
    let mut chance = Chance::of(name);
    LinkKeys::derive(chance.bytes(), &chance.bytes())
}
