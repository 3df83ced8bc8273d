// The session: everything between the server and what is shown. No React here.

export type { Content } from "./body";
export { fits } from "./body";
export type { ConversationView, Room } from "./conversations";
export type { Message, TimelineEntry } from "./entry";
export { authorOf } from "./entry";
export { Offline, Refused } from "./error";
export { newCallId } from "./id";
export type { Status } from "./link";
export type { Pending } from "./outbox";
export { type Arrival, type IncomingSignal, Session } from "./session";
export type { Window } from "./timeline";
export { SessionContext, useSession } from "./use-session";
