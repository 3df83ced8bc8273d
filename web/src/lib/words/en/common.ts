import { plurals } from "../catalogue";

const plural = plurals("en");

export const common = {
  product: "Callbox",
  close: "Close",
  cancel: "Cancel",
  save: "Save",
  saved: "Saved",
  copy: "Copy",
  copied: "Copied",
  back: "Back",
  verified: "Verified",
  whatIsProtected: "What is protected, and what is not",
  retry: "Try again",
  reload: "Reload",
  loading: "Loading",
  more: "More",
  you: "You",
  notifications: "Notices",
  mixedLetters: {
    label: "Mixed letters",
    why: "This name mixes letters of different alphabets. It may imitate another.",
  },
  online: "Online",
  offline: "Not here now",
  qrCode: "QR code",
  justNow: "now",
  yesterday: "Yesterday",
  nothingOpen: {
    title: "Choose a conversation",
    text: "Or write to somebody from the list of people.",
  },
  notFound: {
    title: "There is nothing here",
    text: "The link may be old, or you are not in this conversation.",
    action: "Go to your conversations",
  },
  unreachable: {
    title: "No answer from the server",
    text: "It may be restarting, or your network is down. Callbox keeps trying.",
  },
  crashed: {
    title: "This page has stopped working",
    text: "Nothing you sent is lost. Reload the page to go on.",
    action: "Reload",
  },
  errors: {
    unknown: "That did not work. Try again; if it stays so, reload the page.",
    offline: "The server does not answer. Check your connection and try again.",
    unavailable: "The server cannot do this right now. Try again in a moment.",
    rateLimited: (minutes: number) =>
      `Too many attempts. Try again in ${plural(minutes, { one: "a minute", other: "# minutes" })}.`,
    nameTaken: "Somebody else has this name. Choose another one.",
    unauthorized: "You are not signed in any more. Sign in and try again.",
    forbidden: "You may not do this.",
    notFound: "It is not there any more.",
    conflict: "Something changed in the meantime. Look again and repeat it.",
    quotaExceeded: "Your files fill all the room you have here. Delete some first.",
    tooLarge: "That is too large.",
    reauthRequired: "Confirm your password first.",
    setupRequired: "Callbox is not set up yet.",
    version: "Callbox was updated. Reload the page to go on.",
    staleEpoch: "The keys of this conversation have just changed. Try again.",
    rotateFirst: "The keys of this conversation have to be renewed first. Try again in a moment.",
    deviceUnknown: "This browser is not among the devices of your account any more. Sign out and in again.",
  },
};
