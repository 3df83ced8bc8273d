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
    createdEveryone: (by) => `${by} hat diesen Ort eingerichtet`,
    createdDirect: (by) => `${by} hat diese Unterhaltung begonnen`,
    renamed: (by, name) => `${by} hat den Raum in ${name} umbenannt`,
    added: (by, names) => `${by} hat ${names} hinzugefügt`,
    removed: (by, name) => `${by} hat ${name} entfernt`,
    left: (name) => `${name} ist gegangen`,
    joined: (name) => `${name} ist über einen Link dazugekommen`,
    joinedBy: (name, by) => `${name} ist über einen Link von ${by} dazugekommen`,
    rotated: (by) => `${by} hat die Schlüssel erneuert`,
    manager: (by, name) => `${by} lässt ${name} mitverwalten`,
    member: (by, name) => `${by} hat ${name} zum einfachen Mitglied gemacht`,
    letIn: (by, name) => `${by} hat ${name} hereingelassen`,
    linkAdded: (by) => `${by} hat einen Link gemacht`,
    linkRevoked: (by) => `${by} hat einen Link zurückgenommen`,
    readmitted: (by, name) => `${by} hat ${name} mit neuen Schlüsseln wieder hereingelassen`,
    unknown: (by) => `${by} hat hier etwas geändert, das diese Version von Callbox nicht kennt`,
  },

  failures: {
    opening: "Wird geöffnet",
    format: "Diese Nachricht hat eine Form, die hier unbekannt ist. Lade die Seite neu, um die neueste Callbox zu bekommen.",
    unknown_device: "Von einem Gerät gesendet, das noch nicht bekannt ist. Es wird nachgefragt.",
    revoked_device: "Von einem Gerät gesendet, das vorher abgemeldet war. Sie wird nicht gezeigt.",
    not_member: "Von jemandem gesendet, der zu dieser Zeit kein Mitglied war. Sie wird nicht gezeigt.",
    wrong_epoch: "Mit Schlüsseln verschlossen, die zu dieser Zeit nicht galten. Sie wird nicht gezeigt.",
    bad_signature: "Unterwegs verändert, oder nicht von der Person, deren Name dabeisteht. Sie wird nicht gezeigt.",
    replay: "Die Wiederholung einer älteren Nachricht. Sie wird nicht gezeigt.",
    no_key: "Wartet auf den Schlüssel dieser Nachricht. Ein Mitglied, das online ist, gibt ihn weiter.",
    cannot_open: "Unterwegs beschädigt. Sie kann nicht geöffnet werden.",
    bad_content: "Diese Nachricht sagt etwas, das diese Version von Callbox nicht versteht.",
  },
  closed: "Nachricht noch nicht geöffnet",
  warnings: {
    gap: (name) => `Vor dieser Nachricht fehlt etwas von ${name}.`,
    gapInChanges: (name) => `Davor fehlt etwas von ${name}.`,
    split: "Der Server zeigt verschiedenen Leuten verschiedene Fassungen dieser Unterhaltung. Verlass dich nicht auf das, was hier steht, und sag es den anderen auf anderem Weg.",
  },
  control: {
    refused: "Was der Server über die Mitglieder dieser Unterhaltung sagt, stimmt nicht. Bis es stimmt, wird hier nichts gesendet.",
  },
  keyless: {
    title: "Die neuesten Schlüssel sind noch nicht da",
    text: "Ein Mitglied, das online ist, gibt sie von selbst weiter. Was du bis dahin schreibst, wird danach gesendet.",
  },
  changedKeys: {
    title: (name) => `Der Sicherheitscode von ${name} hat sich geändert`,
    text: "Du hattest die Schlüssel verglichen. Bis du nachgesehen hast, wird hier nichts gesendet und kein Anruf beginnt.",
    look: "Nachsehen",
  },
  letIn: {
    ask: (name) => `${name} ist neu. Hereinlassen?`,
    text: "Niemand hat diesem Konto die Schlüssel dieser Unterhaltung weitergegeben. Lass nur Leute herein, die du kennst.",
    askAgain: (name) => `Die Schlüssel von ${name} sind neu. Wieder hereinlassen?`,
    textAgain: "Das Konto hat ohne Wiederherstellungscode neu begonnen. Vergewissere dich, dass es die Person wirklich ist, etwa mit einem Anruf.",
    action: "Hereinlassen",
  },

  knocks: {
    ask: (name) => `${name} bittet um Einlass`,
    text: "Als Gast, mit einem Link dieses Raums.",
    letIn: "Hereinlassen",
    letInNamed: (name) => `${name} hereinlassen`,
    turnAway: "Abweisen",
    turnAwayNamed: (name) => `${name} abweisen`,
    more: (number) => count(number, { one: "# weitere Person bittet um Einlass", other: "# weitere bitten um Einlass" }),
    count: (number) => count(number, { one: "# Person bittet um Einlass", other: "# bitten um Einlass" }),
    look: "Ansehen",
    inNow: "Du wurdest hereingelassen.",
    notLetIn: "Du wurdest nicht hereingelassen.",
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
    relayed: (size) => `Über diesen Server, ${size}`,
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
