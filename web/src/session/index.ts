// The session: everything between the server and what is shown. No React here.

export type { ConversationView, Room } from "./conversations";
export { fits } from "./content";
export type { CallEntry, ChangeEntry, Closed, Message, TimelineEntry } from "./entry";
export { authorOf } from "./entry";
export { Offline, Refused } from "./error";
export { Files, type UploadState } from "./files";
export { type LocalId, newCallId } from "./id";
export type { Status } from "./link";
export { contentOf, type Pending } from "./outbox";
export { type Arrival, type IncomingSignal, type OutgoingSignal, Session } from "./session";
export type { Window } from "./timeline";
export type { KeyState } from "./supply";
export { SessionContext, useSession } from "./use-session";
export type { Content, Reason, Vault } from "./vault";
