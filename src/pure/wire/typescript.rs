//! Generates the client's types. A test fails when the file has drifted;
//! `UPDATE_WIRE=1 cargo test --lib wire` writes it anew.

use ts_rs::{Config, TS};

use super::{
    account, api, approval, blob, call, command, conversation, doctor, error, event, file, guest,
    id, keys, name, owner, passkey,
};

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/web/src/protocol/wire.ts");

#[test]
fn the_typescript_types_are_those_of_this_protocol() {
    let wanted = generate();
    if std::env::var_os("UPDATE_WIRE").is_some() {
        std::fs::write(PATH, &wanted).expect("web/src/protocol is writable");
    }
    let found = std::fs::read_to_string(PATH).unwrap_or_default();
    assert!(
        found == wanted,
        "web/src/protocol/wire.ts has drifted: run `UPDATE_WIRE=1 cargo test --lib wire`"
    );
}

fn generate() -> String {
    let mut out = String::from(
        "// Generated from src/pure/wire; do not edit. `UPDATE_WIRE=1 cargo test --lib wire` writes it.\n",
    );
    out += &format!("\nexport const PROTOCOL = {};\n", super::PROTOCOL);
    out += &format!("export const SUBPROTOCOL = \"{}\";\n", super::SUBPROTOCOL);
    for (name, value) in [
        ("NAME_CHARS", super::limits::NAME_CHARS as u64),
        ("BODY_BYTES", super::limits::BODY_BYTES as u64),
        ("ENVELOPE_BYTES", super::limits::ENVELOPE_BYTES as u64),
        ("CONTROL_BYTES", super::limits::CONTROL_BYTES as u64),
        ("ROOM_MEMBERS", super::limits::ROOM_MEMBERS as u64),
        ("LINKS", super::limits::LINKS as u64),
        ("AVATAR_BYTES", super::limits::AVATAR_BYTES as u64),
        ("PAGE_ENTRIES", u64::from(super::limits::PAGE_ENTRIES)),
        ("CURSORS", super::limits::CURSORS as u64),
        ("RING_MS", super::limits::RING_MS),
        ("LEG_LEASE_MS", super::limits::LEG_LEASE_MS),
        ("TYPING_MS", super::limits::TYPING_MS),
        ("FILE_BYTES", super::limits::FILE_BYTES),
        ("FILE_CHUNK", super::limits::FILE_CHUNK),
        ("PASSKEYS", u64::from(super::limits::PASSKEYS)),
    ] {
        out += &format!("export const {name} = {value};\n");
    }
    macro_rules! types {
        ($($type:ty),* $(,)?) => {
            $(
                out += "\nexport ";
                out += &<$type as TS>::decl(&Config::default());
                out += "\n";
            )*
        };
    }
    types!(
        id::AccountId,
        id::DeviceId,
        id::ConversationId,
        id::EnvelopeId,
        id::LinkId,
        id::GranteeId,
        id::WrapId,
        id::ApprovalId,
        id::CallId,
        id::InviteId,
        id::ResetId,
        id::FileId,
        id::Seq,
        id::Millis,
        blob::Blob,
        name::Name,
        error::ErrorCode,
        error::ApiError,
        account::Role,
        account::Account,
        guest::Knock,
        guest::Waiting,
        conversation::ConversationKind,
        conversation::MemberRole,
        conversation::Member,
        conversation::Conversation,
        conversation::Entry,
        conversation::EntryContent,
        file::CreateFile,
        file::Upload,
        file::FileUsage,
        keys::SignedRecord,
        keys::Bundle,
        keys::WrapType,
        keys::Wrap,
        keys::SealedSettings,
        keys::Grant,
        keys::OwnGrant,
        keys::ControlEvent,
        keys::Placed,
        call::CallMedia,
        call::CallOutcome,
        call::Relayed,
        call::CallEnd,
        call::CallState,
        call::Leg,
        call::Call,
        command::CommandFrame,
        command::Cursor,
        command::Command,
        event::Event,
        event::Welcome,
        event::Reply,
        api::ErrorBody,
        api::Status,
        api::Ticket,
        api::OpenInvite,
        api::OpenedInvite,
        api::AccountRecords,
        api::RegisterStart,
        api::RegisterStarted,
        api::NewKeys,
        api::RegisterFinish,
        api::LoginStart,
        api::LoginStarted,
        api::LoginFinish,
        api::ReauthFinish,
        api::PasswordStart,
        api::PasswordStarted,
        api::PasswordFinish,
        api::Logout,
        api::Session,
        api::Accounts,
        api::Settings,
        api::ChangeAccount,
        api::Device,
        api::Devices,
        api::CreateInvite,
        api::InviteLink,
        api::Invite,
        api::Invites,
        api::History,
        api::AdministerAccount,
        api::RelayUse,
        api::RelayedCall,
        api::RelayedLeg,
        api::CheckRelay,
        api::CreatedReset,
        api::CheckReset,
        api::CheckedReset,
        api::ResetStart,
        api::RecoveryStart,
        api::RecoveryStarted,
        api::Recovery,
        api::RecoveryFinish,
        api::Keys,
        api::PutKeys,
        api::PutRecovery,
        api::Records,
        api::PostControl,
        api::Control,
        api::OwnGrants,
        api::PostGrants,
        api::Chain,
        api::Direct,
        guest::CreateLink,
        guest::Link,
        guest::Links,
        guest::OpenLink,
        guest::Host,
        guest::OpenedLink,
        guest::GuestStart,
        guest::GuestStarted,
        guest::GuestFinish,
        guest::JoinLink,
        guest::KnockLink,
        guest::KeepStart,
        guest::KeepFinish,
        approval::RequestApproval,
        approval::RequestedApproval,
        approval::FindApproval,
        approval::FoundApproval,
        approval::Approve,
        approval::SealedApproval,
        approval::ClaimApproval,
        approval::ClaimedApproval,
        passkey::PasskeyStarted,
        passkey::PasskeyFinish,
        passkey::PasskeyEntered,
        passkey::PasskeyProof,
        passkey::AddPasskey,
        passkey::Passkey,
        passkey::Passkeys,
        passkey::RenamePasskey,
        doctor::Verdict,
        doctor::Check,
        doctor::Finding,
        doctor::Examination,
        doctor::Examinations,
        owner::Named,
        owner::People,
        owner::PeopleOrder,
        owner::Person,
        owner::AllDevices,
        owner::SomeDevice,
        owner::AllInvites,
        owner::SomeInvite,
        owner::CallsNow,
        owner::CallNow,
        owner::ServerFacts,
        owner::StorageFacts,
        owner::CertificateFacts,
        owner::CertificateSource,
        owner::Finding,
        owner::ActLog,
        owner::NotedAct,
        owner::Act,
        owner::SetQuota,
    );
    out
}
