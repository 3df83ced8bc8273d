//! Commands: the order they must come in, and who carries out which.

use super::connections::Asker;
use super::{ConnectionId, Identity, Rooms};
use crate::pure::e2ee::Verified;
use crate::pure::wire::{
    ApiError, CloseCode, Command, CommandFrame, ErrorCode, Millis, PROTOCOL, Reply,
};

pub(super) const NO_CONVERSATION: ApiError =
    ApiError::new(ErrorCode::NotFound, "no such conversation");
pub(super) const UNREADABLE: ApiError =
    ApiError::new(ErrorCode::BadRequest, "not an envelope for this");
pub(super) const STALE_EPOCH: ApiError =
    ApiError::new(ErrorCode::StaleEpoch, "another epoch is in force");
pub(super) const NOT_NOW: ApiError = ApiError {
    code: ErrorCode::Unavailable,
    detail: "the store cannot do it now",
    retry_ms: Some(1_000),
};
const ORDER: ApiError = ApiError::new(ErrorCode::BadRequest, "hello comes first, and once");
const OTHER_VERSION: ApiError = ApiError::new(ErrorCode::Version, "another protocol version");

impl Rooms {
    /// A frame from a connection, with the envelope in it when its signature is that of the
    /// connection's own device.
    pub fn handle_command(
        &mut self,
        now: Millis,
        connection: ConnectionId,
        frame: CommandFrame,
        envelope: Option<Verified>,
    ) {
        let Some(link) = self.links.get(&connection) else { return };
        if link.closed {
            return;
        }
        let (who, ready) = (link.who, link.ready);
        self.note_use(now, connection, &frame.command);
        let asker = Asker { connection, id: frame.id };
        match frame.command {
            Command::Hello { protocol, .. } if !ready && protocol != PROTOCOL => {
                self.refuse(asker, OTHER_VERSION);
                self.close(connection, CloseCode::Version);
            }
            Command::Hello { epoch, cursors, .. } if !ready => {
                self.hello(now, asker, who, epoch.as_deref(), cursors);
            }
            Command::Hello { .. } => self.out_of_order(asker),
            _ if !ready => self.out_of_order(asker),
            command => self.carry_out(now, asker, who, command, envelope),
        }
    }

    fn carry_out(
        &mut self,
        now: Millis,
        asker: Asker,
        who: Identity,
        command: Command,
        envelope: Option<Verified>,
    ) {
        match command {
            Command::Hello { .. } => {}
            Command::Ping {} => self.reply(asker, Reply::Done),

            Command::Send { .. } => match envelope {
                Some(envelope) => self.send(asker, envelope),
                None => self.refuse(asker, UNREADABLE),
            },
            Command::Receipt { conversation, delivered, read } => {
                self.receipt(now, asker, who, conversation, (delivered, read));
            }
            Command::Typing { conversation } => self.typing(asker, who, conversation),

            Command::RequestGrant { conversation, epoch } => {
                self.request_grant(now, asker, who, conversation, epoch);
            }

            Command::StartCall { call, conversation, media } => {
                self.start_call(now, asker, who, call, conversation, media);
            }
            Command::AcceptCall { call } => self.accept_call(now, asker, who, call),
            Command::DeclineCall { call } => self.decline_call(now, asker, who, call),
            Command::EndCall { call, failed } => self.end_call(now, asker, who, call, failed),
            Command::RejoinCall { call } => self.rejoin_call(asker, who, call),
            Command::Signal { call, to, .. } => match envelope {
                Some(envelope) => self.signal(asker, who, call, to, &envelope),
                None => self.refuse(asker, UNREADABLE),
            },
            Command::RelayCredentials { call } => self.relay_credentials(asker, who, call),
        }
    }

    fn out_of_order(&mut self, asker: Asker) {
        self.refuse(asker, ORDER);
        self.close(asker.connection, CloseCode::BadHello);
    }
}
