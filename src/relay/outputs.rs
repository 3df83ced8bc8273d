//! What a worker does at the word of its core: it relays packets, and answers,
//! opens, closes and tells.

use super::counters::Loss;
use super::handover::Lost;
use super::outbound::{End, Sent, Source};
use super::stream::Slow;
use super::way::{Direction, Way};
use super::worker::Worker;
use crate::net::udp::{Head, Outgoing};
use crate::pure::turn::{AllocationId, Client, Family, Link, Output, Route, Verdict};

impl Worker {
    /// Does what the core said about the datagram that starts there. `way` is how it
    /// came, if it has not been counted.
    pub(super) fn carry_out(
        &mut self,
        verdict: Verdict,
        way: Option<Way>,
        buffer: &[u8],
        start: usize,
    ) {
        if let (
            Some(way),
            Verdict::Relay(Route { data, .. })
            | Verdict::Emit { data, .. }
            | Verdict::Pass { data, .. },
        ) = (way, &verdict)
        {
            self.counters.relayed(way, Direction::In, data.len());
        }
        match verdict {
            Verdict::Relay(route) => {
                let head = Head::of(|bytes| route.head(bytes));
                let range = start + route.data.start..start + route.data.end;
                let (to, padding) = (route.to.address, route.padding());
                let outgoing = Outgoing { to, from: None, head, range, padding };
                match route.to.link {
                    Link::Udp(place) => {
                        let End { socket, ip: from } = self.ends[usize::from(place)];
                        self.counters.relayed(Way::Udp, Direction::Out, route.data.len());
                        let outgoing = Outgoing { from, ..outgoing };
                        self.outgoing.push(Source::Listener(socket), outgoing);
                    }
                    Link::Stream(_) => {
                        if let Some(way) = self.send_to_stream(route.to, &outgoing.parts(buffer)) {
                            self.counters.relayed(way, Direction::Out, route.data.len());
                        }
                    }
                }
            }
            Verdict::Emit { allocation, to, data } => {
                self.counters.relayed(Way::Peer, Direction::Out, data.len());
                let range = start + data.start..start + data.end;
                let outgoing = Outgoing { to, from: None, head: Head::NONE, range, padding: 0 };
                self.outgoing.push(self.relays.way(allocation, to), outgoing);
            }
            Verdict::Pass { passed, data } => {
                let range = start + data.start..start + data.end;
                if let Err(Lost) = self.post.add(passed, &buffer[range]) {
                    self.counters.lost(Loss::Handover, 1);
                }
            }
            Verdict::Handled => {}
            Verdict::Drop(reason) => self.counters.dropped(reason),
        }
    }

    /// Sends the packets that are parts of a buffer, and what has gathered
    /// for streams and other workers.
    pub(super) fn send_packets(&mut self, buffer: &[u8]) {
        let (listeners, relays) = (&self.listeners, &self.relays);
        let Sent { unsent, receivers } = self.outgoing.send(buffer, |source| match source {
            Source::Listener(place) => Some(&listeners[place].socket),
            source => relays.at(source).map(|relay| &relay.socket),
        });
        self.counters.lost(Loss::Unsent, unsent);
        let streams = self.streams.send();
        self.pace.sent(receivers + streams);
        self.post.dispatch();
    }

    /// Does what the core has queued.
    pub(super) fn obey(&mut self) {
        while let Some(output) = self.server.poll_output() {
            match output {
                Output::Send { to, message } => match to.link {
                    Link::Udp(place) => {
                        let End { socket, ip } = self.ends[usize::from(place)];
                        let socket = &self.listeners[socket].socket;
                        let sent = socket.send_to(&message, to.address, ip);
                        self.counters.lost(Loss::Unsent, usize::from(!sent));
                    }
                    Link::Stream(_) => {
                        self.send_to_stream(to, &[&message]);
                    }
                },
                Output::Close(client) => self.streams.close(client),
                Output::Open { allocation, family, entropy } => {
                    let port = self.open(allocation, family, entropy);
                    self.server.handle_opened(allocation, port);
                }
                Output::Shut(allocation) => self.relays.shut(allocation, self.poll.registry()),
                Output::Bound { allocation, peer } => {
                    let connected = self.relays.connect(allocation, peer, self.poll.registry());
                    if let Err(error) = connected {
                        // The allocation's own socket sends there as well.
                        tracing::debug!(%error, "no socket for a channel");
                    }
                }
                Output::Claim { allocation, claim } => {
                    let claimed = self.others.ledger().claim(claim);
                    self.server.handle_claimed(allocation, claimed);
                }
                Output::Release(claim) => self.others.ledger().release(claim),
                Output::Tell(news) => self.others.tell(news),
            }
        }
        self.streams.send();
    }

    /// Opens an allocation's socket and gives its port.
    fn open(&mut self, id: AllocationId, family: Family, entropy: u64) -> Option<u16> {
        let opened = self.relays.open(id, family, entropy, self.poll.registry());
        // One line for each would be a way to fill the disk.
        opened.inspect_err(|error| tracing::debug!(%error, "no socket for an allocation")).ok()
    }

    /// Adds a message to what a stream will be sent, and says which way it goes, if it does.
    fn send_to_stream(&mut self, to: Client, parts: &[&[u8]]) -> Option<Way> {
        self.streams.add(to, parts).unwrap_or_else(|Slow| {
            self.counters.lost(Loss::SlowStream, 1);
            None
        })
    }
}
