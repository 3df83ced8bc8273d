//! What the core says, in a line each.

use super::super::*;
use crate::pure::wire::{ApiError, CallState, ErrorCode, Reply};

pub(super) fn n(id: &[u8; 16]) -> u8 {
    id[0]
}

/// One line for an event: enough to tell it from every other in a script.
pub(super) fn event_in_words(event: &Event) -> String {
    match event {
        Event::Welcome(welcome) => format!(
            "welcome {} conversations, {} online, {} calls",
            welcome.conversations.len(),
            welcome.online.len(),
            welcome.calls.len()
        ),
        Event::Reply { id, reply } => format!("reply {id} {}", reply_in_words(reply)),
        Event::Error { id, error } => {
            format!("error {} {}", id.unwrap_or(0), error_in_words(error))
        }
        Event::Entries { conversation, entries } => {
            let seqs: Vec<_> = entries.iter().map(|entry| entry.seq.0.to_string()).collect();
            format!("entries {}: {}", n(conversation.as_bytes()), seqs.join(" "))
        }
        Event::Conversation { conversation } => format!(
            "conversation {}: {} members, head {}",
            n(conversation.id.as_bytes()),
            conversation.members.len(),
            conversation.head.0
        ),
        Event::ConversationGone { conversation } => format!("gone {}", n(conversation.as_bytes())),
        Event::Receipt { conversation, account, delivered, read } => format!(
            "receipt {} of {}: {} {}",
            n(conversation.as_bytes()),
            n(account.as_bytes()),
            delivered.0,
            read.0
        ),
        Event::Typing { conversation, account } => {
            format!("typing {} by {}", n(conversation.as_bytes()), n(account.as_bytes()))
        }
        Event::Presence { account, online } => {
            format!("{} {}", n(account.as_bytes()), if *online { "online" } else { "offline" })
        }
        Event::Account { account } => format!("account {}", n(account.id.as_bytes())),
        Event::Call { call } => call_in_words(call),
        Event::Signal { call, from, .. } => {
            format!("signal {} from {}", n(call.as_bytes()), n(from.as_bytes()))
        }
        Event::GrantRequest { conversation, epoch, account } => format!(
            "grant of {epoch} in {} for {}?",
            n(conversation.as_bytes()),
            n(account.as_bytes())
        ),
        Event::Knocks { conversation, knocks } => {
            let who = knocks.iter().map(|knock| n(knock.account.as_bytes()).to_string());
            format!("knocks {} [{}]", n(conversation.as_bytes()), who.collect::<Vec<_>>().join(" "))
        }
        Event::TurnedAway { conversation, .. } => {
            format!("turned away {}", n(conversation.as_bytes()))
        }
        Event::Grants { conversation } => format!("grants {}", n(conversation.as_bytes())),
    }
}

fn reply_in_words(reply: &Reply) -> String {
    match reply {
        Reply::Done => "done".to_owned(),
        Reply::Sent { seq, .. } => format!("sent {}", seq.0),
        Reply::Call { call } => call_in_words(call),
        Reply::Relay { .. } => "relay".to_owned(),
    }
}

fn error_in_words(error: &ApiError) -> String {
    let code: ErrorCode = error.code;
    serde_json::to_string(&code).expect("a code").trim_matches('"').to_owned()
}

fn call_in_words(call: &Call) -> String {
    let legs: Vec<_> = call
        .legs
        .iter()
        .map(|leg| format!("{}{}", n(leg.device.as_bytes()), if leg.attached { "" } else { "?" }))
        .collect();
    let state = match call.state {
        CallState::Ringing { .. } => "rings".to_owned(),
        CallState::Active { .. } => "runs".to_owned(),
        CallState::Ended { end, by } => {
            let by = by.map_or("nobody".to_owned(), |by| n(by.as_bytes()).to_string());
            format!("{:?} by {by} after {}", end.outcome, end.duration.0)
        }
    };
    format!("call {} {state}, legs {}", n(call.id.as_bytes()), legs.join(" "))
}
