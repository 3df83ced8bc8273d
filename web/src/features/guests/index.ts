// Guests: joining by the link of a room, waiting before its door, and keeping the account.

export { JoinRoom } from "./join-room";
export { KeepAccount } from "./keep-account";
export { KeepBanner } from "./keep-banner";
export { NoRoomLeft } from "./no-room-left";
export { Visit } from "./visit";
export { VisitEnded } from "./visit-ended";
export { WaitingRoom } from "./waiting-room";
