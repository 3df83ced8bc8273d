import type { Words } from "../../i18n";
import { plurals } from "../catalogue";

const count = plurals("de");

export const chat: Words["chat"] = {
  everyone: "Alle",
  room: "Raum",
  someone: "Jemand",
  you: "Du",
  conversations: "Unterhaltungen",
  messages: "Nachrichten",
  search: "Unterhaltung finden",
  noneFound: "Keine Unterhaltung heißt so.",
  unread: (number) => count(number, { other: "# ungelesen" }),
  noMessages: "Noch keine Nachrichten",
  from: (name) => `${name}:`,

  members: (number) => count(number, { one: "# Mitglied", other: "# Mitglieder" }),
  online: "Online",
  away: "Gerade nicht da",
  details: "Personen und Einzelheiten",

  typing: {
    one: (name) => `${name} schreibt`,
    two: (first, second) => `${first} und ${second} schreiben`,
    many: "Mehrere schreiben",
  },

  message: "Nachricht",
  messageTo: (name) => `Nachricht an ${name}`,
  send: "Senden",
  tooLong: "Diese Nachricht ist zu lang. Teile sie in mehrere auf.",

  sending: "Wird gesendet",
  sent: "Gesendet",
  delivered: "Zugestellt",
  read: "Gelesen",
  failed: "Fehlgeschlagen",
  readBy: (names) => `Gelesen von ${names}`,
  notSent: "Nicht gesendet.",
  tryAgain: "Noch einmal",
  discard: "Verwerfen",

  fresh: "Neu",
  toLatest: "Zum Neuesten",
  freshBelow: (number) => count(number, { one: "# neue Nachricht", other: "# neue Nachrichten" }),
  older: "Ältere Nachrichten werden geladen",
  olderFailed: "Ältere Nachrichten konnten nicht geladen werden.",
  unreadable: "Diese Nachricht ist hier nicht lesbar.",
  arrived: (name, text) => `${name}: ${text}`,

  begin: {
    everyone: "Hier lesen und schreiben alle auf diesem Server.",
    room: (name) => `Hier beginnt ${name}.`,
    direct: (name) => `Hier lesen und schreiben nur du und ${name}.`,
  },
  empty: {
    everyone: {
      title: "Ein Raum für alle",
      text: "Hier lesen und schreiben alle auf diesem Server. Sag Hallo.",
    },
    alone: {
      title: "Du bist als Erstes hier",
      text: "Lade jemanden ein, dann kommt an, was du hier schreibst.",
    },
    room: {
      title: "Noch nichts geschrieben",
      text: "Was hier steht, lesen die Mitglieder dieses Raums.",
    },
    direct: { title: (name) => `Du und ${name}`, text: "Was hier steht, lest nur ihr beide." },
  },

  offline: {
    bar: "Keine Verbindung. Deine Nachrichten werden gesendet, sobald sie wieder da ist",
    outdated: "Callbox wurde aktualisiert. Lade die Seite neu, um weiterzumachen.",
    reload: "Neu laden",
  },

  changes: {
    created: (by, name) => `${by} hat ${name} angelegt`,
    renamed: (by, name) => `${by} hat den Raum in ${name} umbenannt`,
    added: (by, names) => `${by} hat ${names} hinzugefügt`,
    removed: (by, name) => `${by} hat ${name} entfernt`,
    left: (name) => `${name} ist gegangen`,
    joined: (name) => `${name} ist dazugekommen`,
  },

  calls: {
    audio: "Sprachanruf",
    video: "Videoanruf",
    lasted: (kind, duration) => `${kind}, ${duration}`,
    missed: { audio: "Verpasster Sprachanruf", video: "Verpasster Videoanruf" },
    noAnswer: (kind) => `${kind}, keine Antwort`,
    declined: (kind) => `${kind}, abgelehnt`,
    cancelled: (kind) => `${kind}, abgebrochen`,
    busy: (kind) => `${kind}, besetzt`,
    failed: (kind) => `${kind}, keine Verbindung`,
    seconds: (number) => `${number} s`,
    minutes: (number) => `${number} min`,
    hours: (hours, minutes) => (minutes ? `${hours} h ${minutes} min` : `${hours} h`),
  },

  notifications: {
    offer: "Bei Nachrichten benachrichtigen, während diese Seite im Hintergrund ist?",
    allow: "Benachrichtigen",
    later: "Nicht jetzt",
  },
  title: (unread, name) => (unread > 0 ? `(${unread}) ${name}` : name),
};
