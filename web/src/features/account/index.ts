// Everything in front of the rooms: set-up, invites, sign-in, lost passwords and lost keys.

export { Forgot } from "./forgot";
export { AlreadyIn, Join } from "./join";
export { Keyless } from "./keyless";
export { RecoveryCode } from "./recovery-code";
export { Reset } from "./reset";
export { SetUp } from "./set-up";
export { SignIn } from "./sign-in";
