// Everything in front of the rooms: set-up, invites, sign-in, reset links.

export { AlreadyIn, Join } from "./join";
export { Reset } from "./reset";
export { SetUp } from "./set-up";
export { SignIn } from "./sign-in";
