// What the app puts on the screen of keys: what they protect, and whose they are.

export { PersonPage } from "./person-page";
export { Privacy } from "./privacy";
export { PrivacyDoor } from "./privacy-door";
