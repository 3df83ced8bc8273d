// What the app puts on the screen of rooms and their members.

export { CallLink } from "./call-link";
export { NewConversation } from "./new-conversation";
export { RoomPanel } from "./room-panel";
