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
  unreadable: "This message cannot be read here.",
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
    renamed: (by: string, name: string) => `${by} renamed the room to ${name}`,
    added: (by: string, names: string) => `${by} added ${names}`,
    removed: (by: string, name: string) => `${by} removed ${name}`,
    left: (name: string) => `${name} left`,
    joined: (name: string) => `${name} joined`,
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
