//! The beginning of a connection, and what it missed while it was away.
//!
//! A conversation that is catching up comes in pages, one at a time, the next
//! when the last has been written; its live entries come with the pages.
//! When its cursor reaches the head, it goes live.

use std::collections::VecDeque;

use super::connections::Asker;
use super::{ConnectionId, Identity, Output, Recipients, Rooms};
use crate::pure::wire::{
    AccountId, ApiError, CloseCode, ConversationId, Cursor, Entry, ErrorCode, Event, MemberRole,
    Millis, PROTOCOL, Reply, Welcome, limits,
};

const TOO_MANY_CURSORS: ApiError = ApiError::new(ErrorCode::BadRequest, "too many cursors");

impl super::conversations::ConversationState {
    /// Whether a member gets what comes after this cursor: there is something, and nothing of it
    /// is from before the member came to a conversation that keeps that from newcomers.
    fn replays(&self, account: AccountId, cursor: Cursor) -> bool {
        let since = self.since.get(&account).copied().unwrap_or_default();
        cursor.seq < self.conversation.head && cursor.seq.next() >= since
    }
}

/// The conversations a connection still has to catch up with.
#[derive(Debug)]
pub(super) struct Resume {
    /// With what it has of each; the first is the one being read.
    waiting: VecDeque<Cursor>,
    step: Step,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// A page of this conversation is being read.
    Reading(ConversationId),
    /// The last page is being written.
    Writing,
}

impl Rooms {
    pub(super) fn hello(
        &mut self,
        now: Millis,
        asker: Asker,
        who: Identity,
        epoch: Option<&str>,
        cursors: Vec<Cursor>,
    ) {
        let connection = asker.connection;
        if cursors.len() > limits::CURSORS {
            self.refuse(asker, TOO_MANY_CURSORS);
            return self.close(connection, CloseCode::BadHello);
        }
        let Some(link) = self.links.get_mut(&connection) else { return };
        link.ready = true;
        self.enter_presence(connection, who.account);
        let guest = self.person(who.account).is_some_and(super::Person::is_guest);
        if guest {
            self.visitors.add(connection)
        } else {
            self.ready.add(connection)
        }
        let welcome = self.welcome(now, who);
        self.deliver(Recipients::One(connection), Event::Welcome(Box::new(welcome)));
        self.reply(asker, Reply::Done);

        let mine = self.person(who.account).map(|person| person.conversations.clone());
        let mut waiting = VecDeque::new();
        if epoch == Some(&self.epoch) {
            waiting.extend(cursors.into_iter().filter(|cursor| {
                self.conversations
                    .of_member(cursor.conversation, who.account)
                    .is_some_and(|state| state.replays(who.account, *cursor))
            }));
        }
        // Of two cursors for one conversation the first counts.
        let mut seen = std::collections::HashSet::new();
        waiting.retain(|cursor| seen.insert(cursor.conversation));
        for conversation in mine.unwrap_or_default() {
            let Some(state) = self.conversations.find_mut(conversation) else { continue };
            if seen.contains(&conversation) {
                state.catching.add(connection);
            } else {
                state.live.add(connection);
            }
        }
        if !waiting.is_empty()
            && let Some(link) = self.links.get_mut(&connection)
        {
            link.resume = Some(Box::new(Resume { waiting, step: Step::Writing }));
            self.read_next(connection);
        }
    }

    /// Everything queued for this connection has been written.
    pub fn handle_writable(&mut self, connection: ConnectionId) {
        let resume = self.links.get(&connection).and_then(|link| link.resume.as_deref());
        if resume.is_some_and(|resume| resume.step == Step::Writing) {
            self.read_next(connection);
        }
    }

    /// A page for a connection that catches up; none when it could not be read.
    pub fn handle_page(
        &mut self,
        connection: ConnectionId,
        conversation: ConversationId,
        page: Option<Vec<Entry>>,
    ) {
        let Some(link) = self.links.get_mut(&connection) else { return };
        let Some(resume) = link.resume.as_deref_mut() else { return };
        if resume.step != Step::Reading(conversation) {
            return;
        }
        resume.step = Step::Writing;
        let cursor = match resume.waiting.front_mut() {
            Some(cursor) if cursor.conversation == conversation => cursor,
            // No longer a member.
            _ => return self.read_next(connection),
        };
        let Some(state) = self.conversations.find_mut(conversation) else { return };
        let head = state.conversation.head;
        // The store may be ahead of this core: what is beyond the head comes live.
        let entries = page.unwrap_or_default().into_iter().filter(|entry| entry.seq <= head);
        let entries: Vec<Entry> = entries.collect();
        let gapless = entries.first().is_some_and(|entry| entry.seq == cursor.seq.next());
        let Some(last) = entries.last().filter(|_| gapless) else {
            return self.close(connection, CloseCode::TryLater);
        };
        cursor.seq = last.seq;
        if cursor.seq == head {
            resume.waiting.pop_front();
            state.catching.remove(connection);
            state.live.add(connection);
        }
        if resume.waiting.is_empty() {
            link.resume = None;
        }
        let more = link.resume.is_some();
        self.deliver(Recipients::One(connection), Event::Entries { conversation, entries });
        if more {
            self.outputs.push_back(Output::Watch(connection));
        }
    }

    /// Asks for the next page, if one is wanted.
    fn read_next(&mut self, connection: ConnectionId) {
        let Some(link) = self.links.get_mut(&connection) else { return };
        let Some(resume) = link.resume.as_deref_mut() else { return };
        let Some(cursor) = resume.waiting.front() else {
            link.resume = None;
            return;
        };
        let Cursor { conversation, seq } = *cursor;
        resume.step = Step::Reading(conversation);
        self.outputs.push_back(Output::ReadPage { connection, conversation, after: seq });
    }

    /// A connection has nothing more to do with a conversation.
    pub(super) fn stop_resume(&mut self, connection: ConnectionId, conversation: ConversationId) {
        if let Some(resume) =
            self.links.get_mut(&connection).and_then(|link| link.resume.as_deref_mut())
        {
            resume.waiting.retain(|cursor| cursor.conversation != conversation);
        }
    }

    fn welcome(&self, now: Millis, who: Identity) -> Welcome {
        let account = who.account;
        let me = self.person(account);
        let mine = me.map(|person| &person.conversations);
        let known = self.known_to(account);
        let is_online = |id: &AccountId| self.person(*id).is_some_and(|person| person.online);
        let online = known.keys().copied().filter(is_online).collect();
        let accounts = known.into_values().cloned().collect();
        let as_seen = |state: &super::conversations::ConversationState| {
            let mut conversation = state.conversation.clone();
            if state.member(account).is_some_and(|member| member.role == MemberRole::Guest) {
                conversation.knocks.clear();
            }
            conversation
        };
        Welcome {
            protocol: PROTOCOL,
            version: self.version.clone(),
            epoch: self.epoch.clone(),
            now,
            account,
            device: who.device,
            accounts,
            online,
            conversations: mine
                .into_iter()
                .flatten()
                .filter_map(|id| self.conversations.find(*id))
                .map(as_seen)
                .collect(),
            waiting: me.map(|person| person.waiting.clone()).unwrap_or_default(),
            calls: self.calls.of(account),
        }
    }
}
