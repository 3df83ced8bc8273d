//! Store operations under way: written in the order of the core's decisions,
//! and answered to it in the same order.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio::time::{Interval, MissedTickBehavior};

use crate::pure::rooms::{ConnectionId, Operation, Stored};
use crate::pure::wire::{ConversationId, Entry, Millis, Seq, limits};
use crate::store::{
    Appended, NewEnvelope, Outcome, Page, Pending, Range, Refusal, Store, StoreError, Watermark,
};

/// Writes under way, oldest first. The store answers them in this order too,
/// so only the first needs to be looked at.
#[derive(Debug)]
pub(super) struct Operations {
    store: Store,
    queue: VecDeque<Write>,
    /// Messages that wait for the pace, newer than all in the queue.
    held: Vec<NewEnvelope>,
    /// One message waits for nothing. But of many, those that come within a
    /// beat share a commit, a turn of the hub and a write to each socket:
    /// together they cost hardly more than one.
    pace: Interval,
}

/// So many messages wait for no pace: they fill a commit.
const HELD: usize = 512;

#[derive(Debug)]
enum Write {
    Appended(Pending<Result<Appended, Refusal>>),
    Entry(Pending<Result<Entry, Refusal>>),
    Expires(Pending<Result<Millis, Refusal>>),
    Done(Pending<Result<(), Refusal>>),
}

impl Operations {
    pub(super) fn new(store: Store, pace: Duration) -> Self {
        let mut pace = tokio::time::interval(pace);
        pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self { store, queue: VecDeque::new(), held: Vec::new(), pace }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.queue.is_empty() && self.held.is_empty()
    }

    /// Takes an operation; all but messages go into the store's queue at once.
    pub(super) fn start(&mut self, operation: Operation, now: Millis) {
        if !matches!(operation, Operation::Append { .. }) {
            self.hand_over();
        }
        let write = match operation {
            Operation::Append(envelope) => {
                return self.held.push(NewEnvelope { envelope, now });
            }
            Operation::AppendCall(call) => Write::Entry(self.store.append_call(call, now)),
            Operation::SaveCall(call) => Write::Done(self.store.save_call(call)),
            Operation::UseSession { session, used } => {
                Write::Expires(self.store.use_session(session, used))
            }
            Operation::SaveWatermarks(watermarks) => {
                let watermarks = watermarks.into_iter().map(|w| Watermark {
                    conversation: w.conversation,
                    account: w.account,
                    delivered: w.delivered,
                    read: w.read,
                });
                Write::Done(self.store.save_watermarks(watermarks.collect()))
            }
        };
        self.queue.push_back(write);
    }

    /// The oldest operation's result, once it is there.
    pub(super) fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Stored> {
        if self.held.len() >= HELD
            || !self.held.is_empty() && self.pace.poll_tick(context).is_ready()
        {
            self.hand_over();
        }
        let Some(write) = self.queue.front_mut() else { return Poll::Pending };
        let stored = match write {
            Write::Appended(pending) => poll(pending, context, |appended| Stored::Appended {
                seq: appended.seq,
                time: appended.time,
                duplicate: appended.duplicate,
            }),
            Write::Entry(pending) => poll(pending, context, Stored::Entry),
            Write::Expires(pending) => poll(pending, context, Stored::Expires),
            Write::Done(pending) => poll(pending, context, |()| Stored::Done),
        };
        if stored.is_ready() {
            self.queue.pop_front();
        }
        stored
    }

    /// Puts what is held into the store's queue.
    fn hand_over(&mut self) {
        for envelope in self.held.drain(..) {
            self.queue.push_back(Write::Appended(self.store.append(envelope)));
        }
    }
}

fn poll<T>(
    pending: &mut Pending<Result<T, Refusal>>,
    context: &mut Context<'_>,
    stored: impl FnOnce(T) -> Stored,
) -> Poll<Stored> {
    Pin::new(pending).poll(context).map(|outcome: Outcome<T>| match outcome {
        Ok(Ok(value)) => stored(value),
        Ok(Err(refusal)) => Stored::Refused(refusal.into()),
        Err(error) => {
            report(&error);
            Stored::Failed
        }
    })
}

fn report(error: &StoreError) {
    match error {
        StoreError::Busy => tracing::debug!("a write was refused: {error}"),
        StoreError::Failed(_) => tracing::warn!("a write was lost: {error}"),
    }
}

/// Pages being read, for connections that catch up and for the hub itself.
pub(super) struct Reads {
    store: Store,
    under_way: FuturesUnordered<Read>,
}

/// What a page is for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Purpose {
    Resume(ConnectionId, ConversationId),
    Heal(ConversationId),
}

struct Read {
    purpose: Purpose,
    page: Pending<Page>,
}

impl Future for Read {
    type Output = (Purpose, Option<Vec<Entry>>);

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let purpose = self.purpose;
        Pin::new(&mut self.page).poll(context).map(|page| match page {
            Ok(page) => (purpose, Some(page.entries)),
            Err(error) => {
                tracing::warn!("a page could not be read: {error}");
                (purpose, None)
            }
        })
    }
}

impl Reads {
    pub(super) fn new(store: Store) -> Self {
        Self { store, under_way: FuturesUnordered::new() }
    }

    /// Reads for a connection that catches up.
    pub(super) fn page(
        &mut self,
        connection: ConnectionId,
        conversation: ConversationId,
        after: Seq,
    ) {
        self.start(Purpose::Resume(connection, conversation), conversation, after);
    }

    /// Reads what the hub itself is missing.
    pub(super) fn heal(&mut self, conversation: ConversationId, after: Seq) {
        self.start(Purpose::Heal(conversation), conversation, after);
    }

    pub(super) fn poll_next(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<(Purpose, Option<Vec<Entry>>)> {
        match self.under_way.poll_next_unpin(context) {
            Poll::Ready(Some(read)) => Poll::Ready(read),
            Poll::Ready(None) | Poll::Pending => Poll::Pending,
        }
    }

    fn start(&mut self, purpose: Purpose, conversation: ConversationId, after: Seq) {
        let page = self.store.entries(conversation, Range::After(after), limits::PAGE_ENTRIES);
        self.under_way.push(Read { purpose, page });
    }
}
