import { plurals } from "../catalogue";

const count = plurals("en");

export const chat = {
  everyone: "Everyone",
  room: "Room",
  someone: "Someone",
  you: "You",
  conversations: "Conversations",
  messages: "Messages",
  search: "Find a conversation",
  noneFound: "No conversation has that name.",
  unread: (number: number) => count(number, { one: "# unread", other: "# unread" }),
  noMessages: "No messages yet",
  /** Before the last message in the list. */
  from: (name: string) => `${name}:`,

  members: (number: number) => count(number, { one: "# member", other: "# members" }),
  online: "Online",
  away: "Not here now",
  details: "People and details",

  typing: {
    one: (name: string) => `${name} is typing`,
    two: (first: string, second: string) => `${first} and ${second} are typing`,
    many: "Several people are typing",
  },

  message: "Message",
  messageTo: (name: string) => `Message to ${name}`,
  send: "Send",
  tooLong: "This message is too long to send. Split it into several.",

  sending: "Sending",
  sent: "Sent",
  delivered: "Delivered",
  read: "Read",
  failed: "Failed",
  readBy: (names: string) => `Read by ${names}`,
  notSent: "Not sent.",
  tryAgain: "Try again",
  discard: "Discard",

  fresh: "New",
  toLatest: "Jump to latest",
  freshBelow: (number: number) => count(number, { one: "# new message", other: "# new messages" }),
  older: "Loading older messages",
  olderFailed: "Older messages could not be loaded.",
  /** For screen readers, when something comes in. */
  arrived: (name: string, text: string) => `${name}: ${text}`,

  begin: {
    everyone: "Everyone on this server reads and writes here.",
    room: (name: string) => `This is the beginning of ${name}.`,
    direct: (name: string) => `Only you and ${name} read and write here.`,
  },
  empty: {
    everyone: {
      title: "A room for everyone",
      text: "All people on this server read and write here. Say hello.",
    },
    alone: {
      title: "You are the first one here",
      text: "Invite someone, and what you write here reaches them.",
    },
    room: {
      title: "Nothing written yet",
      text: "What is written here is read by the members of this room.",
    },
    direct: {
      title: (name: string) => `You and ${name}`,
      text: "Only the two of you read what is written here.",
    },
  },

  offline: {
    bar: "No connection. Your messages will be sent when it is back",
    outdated: "Callbox has been updated. Reload this page to go on.",
    reload: "Reload",
  },

  changes: {
    created: (by: string, name: string) => `${by} created ${name}`,
    createdEveryone: (by: string) => `${by} set this place up`,
    createdDirect: (by: string) => `${by} began this conversation`,
    renamed: (by: string, name: string) => `${by} renamed the room to ${name}`,
    added: (by: string, names: string) => `${by} added ${names}`,
    removed: (by: string, name: string) => `${by} removed ${name}`,
    left: (name: string) => `${name} left`,
    joined: (name: string) => `${name} joined through a link`,
    joinedBy: (name: string, by: string) => `${name} joined through ${by}’s link`,
    rotated: (by: string) => `${by} renewed the keys`,
    manager: (by: string, name: string) => `${by} made ${name} a manager`,
    member: (by: string, name: string) => `${by} made ${name} a plain member`,
    letIn: (by: string, name: string) => `${by} let ${name} in`,
    linkAdded: (by: string) => `${by} made a link`,
    linkRevoked: (by: string) => `${by} took a link back`,
    readmitted: (by: string, name: string) => `${by} let ${name} in again, with new keys`,
    unknown: (by: string) => `${by} changed something here that this version of Callbox does not know`,
  },

  /** Why a message is not shown, where it would stand. */
  failures: {
    opening: "Opening",
    format: "This message has a form that is not known here. Reload the page to get the newest Callbox.",
    unknown_device: "Sent from a device that is not known yet. Asking for news of it.",
    revoked_device: "Sent from a device that had been signed out before. It is not shown.",
    not_member: "Sent by somebody who was not a member at that time. It is not shown.",
    wrong_epoch: "Sealed with keys that were not in use at that time. It is not shown.",
    bad_signature: "Changed on its way, or not from whom it claims. It is not shown.",
    replay: "A repetition of an older message. It is not shown.",
    no_key: "Waiting for the key of this message. A member who is online passes it on.",
    cannot_open: "Damaged on its way. It cannot be opened.",
    bad_content: "This message says something that this version of Callbox does not understand.",
  },
  /** In lists, where there is room for few words. */
  closed: "Message not open yet",
  warnings: {
    gap: (name: string) => `Something by ${name} is missing before this message.`,
    gapInChanges: (name: string) => `Something by ${name} is missing before this.`,
    split: "The server shows different people different versions of this conversation. Do not rely on what stands here, and tell the others another way.",
  },
  control: {
    refused: "The server’s account of who is in this conversation does not hold. Nothing is sent here until it does.",
  },
  keyless: {
    title: "The newest keys are not here yet",
    text: "A member who is online passes them on by itself. What you write until then is sent after that.",
  },
  changedKeys: {
    title: (name: string) => `${name}’s security code changed`,
    text: "You had compared keys with them. Nothing is sent here, and no call starts, until you have looked.",
    look: "Look",
  },
  letIn: {
    ask: (name: string) => `${name} is new. Let them in?`,
    text: "Nobody has passed on the keys of this conversation to this account. Let in only people you know.",
    askAgain: (name: string) => `The keys of ${name} are new. Let them in again?`,
    textAgain: "They have begun anew without their recovery code. Make sure that it is really them, for example by a call.",
    action: "Let in",
  },

  knocks: {
    ask: (name: string) => `${name} asks to join`,
    text: "As a guest, by a link of this room.",
    letIn: "Let in",
    letInNamed: (name: string) => `Let ${name} in`,
    turnAway: "Turn away",
    turnAwayNamed: (name: string) => `Turn ${name} away`,
    more: (number: number) => count(number, { one: "# more asks to join", other: "# more ask to join" }),
    count: (number: number) => count(number, { one: "# asks to join", other: "# ask to join" }),
    look: "Look",
    inNow: "You were let in.",
    notLetIn: "You were not let in.",
  },

  calls: {
    audio: "Audio call",
    video: "Video call",
    lasted: (kind: string, duration: string) => `${kind}, ${duration}`,
    missed: { audio: "Missed audio call", video: "Missed video call" },
    noAnswer: (kind: string) => `${kind}, no answer`,
    declined: (kind: string) => `${kind}, declined`,
    cancelled: (kind: string) => `${kind}, cancelled`,
    busy: (kind: string) => `${kind}, busy`,
    failed: (kind: string) => `${kind}, could not connect`,
    /** How much of it went through the server, beside the rest. */
    relayed: (size: string) => `Through this server, ${size}`,
    /** A rounded duration. */
    seconds: (number: number) => `${number} s`,
    minutes: (number: number) => `${number} min`,
    hours: (hours: number, minutes: number) =>
      minutes ? `${hours} h ${minutes} min` : `${hours} h`,
  },

  notifications: {
    offer: "Get notified of messages while this page is in the background?",
    allow: "Notify me",
    later: "Not now",
  },
  title: (unread: number, name: string) => (unread > 0 ? `(${unread}) ${name}` : name),
};
