import type { Words } from "@/lib/i18n";

import { plurals } from "../catalogue";

const plural = plurals("de");

export const people: Words["people"] = {
  title: "Leute",
  summary: (count, here) =>
    `${plural(count, { one: "# Person", other: "# Personen" })}, ${plural(here, { other: "# gerade da" })}`,
  search: "Leute suchen",
  noMatch: (text) => `Niemand heißt „${text}“.`,
  alone: {
    title: "Bisher nur du",
    text: "Schick jemandem eine Einladung, dann erscheint die Person hier.",
  },
  message: (name) => `${name} schreiben`,
  messageShort: "Schreiben",
  roles: { owner: "Eigentum", admin: "Admin", member: "Mitglied", guest: "Gast" },
  disabled: "Gesperrt",
  you: "Du",

  invite: {
    title: "Leute einladen",
    text: "Wer den Link hat, kann hier ein Konto anlegen.",
    expires: "Gilt",
    hours: (count) => plural(count, { one: "# Stunde", other: "# Stunden" }),
    days: (count) => plural(count, { one: "# Tag", other: "# Tage" }),
    uses: "Für",
    usesOf: (count) => plural(count, { one: "# Person", other: "# Personen" }),
    create: "Link erstellen",
    another: "Noch einen Link erstellen",
    link: "Einladungslink",
    qr: "Einladungslink als QR-Code",
    shownOnce: "Kopiere ihn jetzt: Der Link wird nur einmal gezeigt.",
    scan: "Oder scanne ihn mit einem Telefon.",
    open: "Offene Einladungen",
    used: (used, max) =>
      max === 1 ? (used === 0 ? "Noch nicht benutzt" : "Benutzt") : `${used} von ${max} benutzt`,
    ends: (when) => `endet ${when}`,
    by: (name) => `von ${name}`,
    revoke: "Zurückziehen",
    revokeNamed: (detail) => `Einladung zurückziehen: ${detail}`,
    revoked: "Die Einladung ist zurückgezogen.",
  },
};
