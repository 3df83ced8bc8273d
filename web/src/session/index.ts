// The session: everything between the server and what is shown. No React here.

export type { Changes } from "./changes";
export type { Contacts } from "./contacts";
export type { Arrival, ConversationView, Room } from "./conversations";
export { fits } from "./content";
export type { CallEntry, ChangeEntry, Closed, Message, TimelineEntry } from "./entry";
export { authorOf, deletedFiles, isDeletion } from "./entry";
export { Offline, Refused } from "./error";
export { Files, type UploadState } from "./files";
export { type LocalId, newCallId } from "./id";
export type { Farewell, Status } from "./link";
export type { HeldLink, LinkTerms } from "./links";
export type { Knocks } from "./lobby";
export { contentOf, type Pending } from "./outbox";
export { Session } from "./session";
export type { IncomingSignal, OutgoingSignal } from "./signals";
export type { Window } from "./timeline";
export type { KeyState } from "./supply";
export { useContact } from "./use-contact";
export { SessionContext, useSession, useVisiting } from "./use-session";
export type { Contact, Content, Reason, SafetyNumber, SasLegs, Vault } from "./vault";
