import { plurals } from "../catalogue";
import type { Words } from "../../i18n";

const plural = plurals("de");

export const files: Words["files"] = {
  attach: "Dateien anhängen",
  drop: "Dateien hier ablegen, um sie zu senden",
  sendTitle: (count) => plural(count, { one: "Eine Datei senden", other: "# Dateien senden" }),
  caption: "Nachricht dazu",
  send: "Senden",
  takeAway: (name) => `${name} nicht senden`,
  preparing: "Dateien werden angesehen",
  tooLarge: (name) => `${name} ist größer als 100 MiB und kann nicht gesendet werden.`,
  tooMany: "Zehn Dateien können auf einmal gesendet werden.",

  uploads: "Dateien unterwegs",
  step: {
    preparing: "Wird verschlüsselt",
    queued: "Wartet, bis es dran ist",
    sending: (percent) => `Wird gesendet, ${percent} %`,
    waiting: "Wartet auf die Verbindung",
    sent: "Gesendet",
  },
  cancel: (name) => `${name} nicht weiter senden`,
  tryAgain: "Noch einmal",
  discard: "Verwerfen",

  picture: "Bild",
  video: "Video",
  sound: "Ton",
  file: "Datei",
  described: (kind, name) => `${kind}: ${name}`,
  open: (name) => `${name} öffnen`,
  play: (name) => `${name} abspielen`,
  save: (name) => `${name} speichern`,
  saveShort: "Speichern",
  delete: (name) => `${name} löschen`,
  deleteTitle: "Diese Datei löschen?",
  deleteText: (name) =>
    `${name} wird für alle vom Server entfernt, und der Platz in deinem Kontingent wird frei. Wer sie gespeichert hat, behält seine Kopie.`,
  deleteAction: "Datei löschen",
  deleted: "Datei gelöscht",
  notDeleted: "Die Datei konnte nicht gelöscht werden. Prüfe die Verbindung und versuche es noch einmal.",
  loading: (percent) => `Wird geladen, ${percent} %`,
  stop: "Anhalten",
  gone: "Diese Datei ist nicht mehr auf dem Server.",
  damaged: "Diese Datei wurde unterwegs beschädigt oder verändert und wird nicht gezeigt.",
  offline: "Die Datei konnte nicht geladen werden. Prüfe die Verbindung und versuche es noch einmal.",
  tooManyPixels: "Dieses Bild ist zu groß, um hier gezeigt zu werden. Es kann gespeichert werden.",
  cannotPlay: "Dieser Browser kann es nicht abspielen. Es kann gespeichert werden.",

  viewer: "Bildbetrachter",
  previous: "Voriges Bild",
  next: "Nächstes Bild",
  zoomIn: "Vergrößern",
  zoomOut: "Verkleinern",
  place: (number, all) => `${number} von ${all}`,

  quota: {
    title: "Deine Dateien",
    text: "Was die Dateien, die du gesendet hast, auf diesem Server belegen.",
    used: (used, all) => `${used} von ${all} belegt`,
  },
};
