// What the owner sees of the server, and does to it.

export { OwnerPage } from "./owner-page";
