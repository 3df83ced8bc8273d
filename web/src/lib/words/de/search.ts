import type { Words } from "@/lib/i18n";

import { plurals } from "../catalogue";

const plural = plurals("de");

export const search: Words["search"] = {
  title: "Suche",
  field: "Nachrichten suchen",
  found: (count) => plural(count, { one: "# Nachricht", other: "# Nachrichten" }),
  nothing: (text) => `Keine Nachricht mit „${text}“.`,
  more: "Mehr zeigen",
  within: (name) => `In ${name}`,
  everywhere: "Überall suchen",
  indexing: (done, all) =>
    `Ältere Nachrichten werden für die Suche vorbereitet: ${plural(done, { other: "#" })} von ${plural(all, { other: "#" })}`,
  paused: "Ältere Nachrichten können gerade nicht durchsucht werden. Es geht weiter, sobald die Verbindung zurück ist.",
  empty: {
    title: "Finde, was gesagt wurde",
    text: "Gesucht wird nur auf diesem Gerät. Wonach du suchst, wird nirgendwohin gesendet.",
  },
};
