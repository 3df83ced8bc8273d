//! All workers of a relay, and what they hold together.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use mio::{Interest, Poll, Waker};
use ring::rand::{SecureRandom, SystemRandom};
use tokio::sync::{oneshot, watch};

use super::Error;
use super::bell::Bell;
use super::config::Config;
use super::control;
use super::counters::{Counters, Figures};
use super::handover::Post;
use super::mailbox::{Mail, Mailbox};
use super::outbound::{BELL, Source};
use super::worker::{self, Parts};
use crate::net::udp::UdpSocket;
use crate::pure::auth::relay::Keys;
use crate::pure::turn::{self, Ledger, Meters, News};

/// The other workers, as one of them sees them.
#[derive(Debug)]
pub(super) struct Others {
    /// Of each of them.
    mail: Vec<Mailbox>,
    /// Held for a moment when an allocation is made or ends.
    ledger: Arc<Mutex<Ledger>>,
}

impl Others {
    pub(super) fn tell(&self, news: News) {
        for mailbox in &self.mail {
            mailbox.send(Mail::News(news));
        }
    }

    pub(super) fn ledger(&self) -> MutexGuard<'_, Ledger> {
        // Each of its steps is whole, whatever became of who took one.
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Starts a thread for each row of sockets; they end when they are told to stop.
pub(super) fn spawn(
    config: &Config,
    sockets: Vec<Vec<UdpSocket>>,
    listening: &[SocketAddr],
    mut keys: watch::Receiver<Keys>,
    figures: &mut Figures,
    meters: Arc<Meters>,
) -> Result<Vec<control::Worker>, Error> {
    let failed = |source| Error::Worker { source };
    let mut secret = [0; 64];
    SystemRandom::new().fill(&mut secret).map_err(|_| Error::Random)?;
    let setup = config.setup(listening, keys.borrow_and_update().clone(), meters);
    let relay = turn::Relay::new(setup, secret, sockets.len() as u16);
    let (mut polls, mut bells) = (Vec::new(), Vec::new());
    for _ in &sockets {
        let poll = Poll::new().map_err(failed)?;
        let waker = Waker::new(poll.registry(), BELL).map_err(failed)?;
        bells.push(Arc::new(Bell::new(waker)));
        polls.push(poll);
    }
    let (mail, letters): (Vec<_>, Vec<_>) = bells.iter().cloned().map(Mailbox::new).unzip();
    let ledger = Arc::new(Mutex::new(relay.ledger()));
    let started = Instant::now();
    let posts = Post::between(&bells);
    let rows = sockets.into_iter().zip(polls).zip(bells).zip(letters).zip(posts);
    let mut workers = Vec::new();
    for (place, ((((mut sockets, poll), bell), letters), post)) in rows.enumerate() {
        for (place, socket) in sockets.iter_mut().enumerate() {
            let token = Source::Listener(place).token();
            poll.registry().register(socket, token, Interest::READABLE).map_err(failed)?;
        }
        let others = mail.iter().enumerate().filter(|(other, _)| *other != place);
        let others = Others {
            mail: others.map(|(_, mailbox)| mailbox.clone()).collect(),
            ledger: Arc::clone(&ledger),
        };
        let server = relay.shard(place as u16);
        let parts = Parts {
            sockets,
            poll,
            bell,
            letters,
            post,
            others,
            server,
            counters: Counters::new(figures),
            keys: keys.clone(),
            started,
        };
        let (said, ended) = oneshot::channel();
        let worker = worker::Worker::new(config, parts);
        let run = move || {
            worker.run();
            drop(said);
        };
        let thread = std::thread::Builder::new().name(format!("relay-{place}"));
        thread.spawn(run).map_err(failed)?;
        workers.push(control::Worker { mail: mail[place].clone(), ended });
    }
    Ok(workers)
}
