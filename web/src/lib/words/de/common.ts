import type { Words } from "@/lib/i18n";

import { plurals } from "../catalogue";

const plural = plurals("de");

export const common: Words["common"] = {
  product: "Callbox",
  close: "Schließen",
  cancel: "Abbrechen",
  save: "Speichern",
  saved: "Gespeichert",
  copy: "Kopieren",
  copied: "Kopiert",
  back: "Zurück",
  verified: "Geprüft",
  whatIsProtected: "Was geschützt ist und was nicht",
  retry: "Noch einmal versuchen",
  reload: "Neu laden",
  loading: "Lädt",
  more: "Mehr",
  you: "Du",
  notifications: "Hinweise",
  mixedLetters: {
    label: "Gemischte Buchstaben",
    why: "Dieser Name mischt Buchstaben verschiedener Alphabete. Er ahmt vielleicht einen anderen nach.",
  },
  online: "Da",
  offline: "Gerade nicht da",
  qrCode: "QR-Code",
  justNow: "jetzt",
  yesterday: "Gestern",
  nothingOpen: {
    title: "Wähle eine Unterhaltung",
    text: "Oder schreibe jemandem aus der Liste der Leute.",
  },
  notFound: {
    title: "Hier ist nichts",
    text: "Der Link ist vielleicht alt, oder du bist nicht in dieser Unterhaltung.",
    action: "Zu deinen Unterhaltungen",
  },
  unreachable: {
    title: "Der Server antwortet nicht",
    text: "Vielleicht startet er gerade neu, oder dein Netz ist weg. Callbox versucht es weiter.",
  },
  crashed: {
    title: "Diese Seite funktioniert nicht mehr",
    text: "Nichts Gesendetes ist verloren. Lade die Seite neu, um weiterzumachen.",
    action: "Neu laden",
  },
  errors: {
    unknown:
      "Das hat nicht geklappt. Versuche es noch einmal; bleibt es dabei, lade die Seite neu.",
    offline: "Der Server antwortet nicht. Prüfe deine Verbindung und versuche es noch einmal.",
    unavailable: "Der Server kann das gerade nicht. Versuche es gleich noch einmal.",
    rateLimited: (minutes) =>
      `Zu viele Versuche. Versuche es in ${plural(minutes, { one: "einer Minute", other: "# Minuten" })} noch einmal.`,
    nameTaken: "Diesen Namen hat schon jemand. Wähle einen anderen.",
    unauthorized: "Du bist nicht mehr angemeldet. Melde dich an und versuche es noch einmal.",
    forbidden: "Das darfst du nicht.",
    notFound: "Das ist nicht mehr da.",
    conflict: "Inzwischen hat sich etwas geändert. Sieh nach und wiederhole es.",
    quotaExceeded: "Deine Dateien füllen allen Platz, den du hier hast. Lösche zuerst welche.",
    tooLarge: "Das ist zu groß.",
    reauthRequired: "Bestätige zuerst dein Passwort.",
    setupRequired: "Callbox ist noch nicht eingerichtet.",
    staleEpoch: "Die Schlüssel dieser Unterhaltung haben sich gerade geändert. Versuche es noch einmal.",
    rotateFirst: "Die Schlüssel dieser Unterhaltung müssen zuerst erneuert werden. Versuche es gleich noch einmal.",
    deviceUnknown: "Dieser Browser gehört nicht mehr zu den Geräten deines Kontos. Melde dich ab und wieder an.",
    version: "Callbox wurde erneuert. Lade die Seite neu, um weiterzumachen.",
  },
};
