import type { Words } from "@/lib/i18n";

import { plurals } from "../catalogue";

const plural = plurals("de");

export const settings: Words["settings"] = {
  title: "Einstellungen",
  pages: {
    profile: "Profil",
    devices: "Geräte",
    password: "Passwort",
    calls: "Anrufe",
    appearance: "Aussehen",
    administration: "Verwaltung",
  },
  signOut: "Abmelden",
  version: (version) => `Callbox ${version}`,

  profile: {
    picture: "Bild",
    pictureText: "Steht neben allem, was du schreibst. Ohne Bild stehen dort deine Initialen.",
    choose: "Bild auswählen",
    change: "Bild ändern",
    remove: "Bild entfernen",
    crop: "Bild zurechtrücken",
    cropText: "Ziehe es und vergrößere es mit dem Regler.",
    zoom: "Vergrößerung",
    use: "Dieses Bild nehmen",
    notPicture: "Diese Datei ist kein Bild, das dein Browser lesen kann.",
    tooLarge: (megabytes) => `Dieses Bild ist größer als ${megabytes} MB. Wähle ein kleineres.`,
    saved: "Dein Bild ist gespeichert.",
    removed: "Dein Bild ist entfernt.",
    nameSaved: "Dein Name ist gespeichert.",
  },

  devices: {
    text: "Wo du angemeldet bist.",
    current: "Dieses Gerät",
    seen: (when) => `zuletzt hier ${when}`,
    seenToday: "heute hier",
    since: (day) => `angemeldet seit ${day}`,
    signOut: "Abmelden",
    signOutNamed: (name) => `${name} abmelden`,
    signedOut: (name) => `${name} ist abgemeldet.`,
    others: "Überall sonst abmelden",
    othersAsk: "Überall sonst abmelden?",
    othersText: (count) =>
      plural(count, {
        one: "Dein anderes Gerät braucht dann wieder dein Passwort.",
        other: "Deine # anderen Geräte brauchen dann wieder dein Passwort.",
      }),
    othersDone: "Alle anderen Geräte sind abgemeldet.",
  },

  password: {
    text: "Du brauchst es, um dich auf einem anderen Gerät anzumelden.",
    current: "Jetziges Passwort",
    next: "Neues Passwort",
    others: "Meine anderen Geräte abmelden",
    action: "Passwort ändern",
    done: "Dein Passwort ist geändert.",
    wrong: "Das ist nicht dein jetziges Passwort.",
  },

  calls: {
    relay: "Meine Anrufe immer weiterleiten (verbirgt meine Adresse)",
    relayText:
      "Die anderen sehen dann die Adresse dieses Servers statt deiner. Anrufe sind vielleicht etwas länger unterwegs.",
    check: "Kamera und Mikrofon",
  },

  appearance: {
    theme: "Farben",
    themes: { system: "Wie das System", light: "Hell", dark: "Dunkel" },
    language: "Sprache",
    systemLanguage: "Wie der Browser",
  },

  administration: {
    text: "Wer hier ist und was sie dürfen.",
    role: (name) => `Rolle von ${name}`,
    actions: (name) => `Aktionen für ${name}`,
    resetLink: "Link für ein neues Passwort",
    disable: "Konto sperren",
    enable: "Konto freigeben",
    disableAsk: (name) => `${name} sperren?`,
    disableText:
      "Die Person wird überall abgemeldet und kann sich nicht anmelden. Geschriebenes bleibt.",
    disableAction: "Sperren",
    disabled: (name) => `${name} kann sich nicht mehr anmelden.`,
    enabled: (name) => `${name} kann sich wieder anmelden.`,
    roleChanged: (name, role) => `${name} ist jetzt: ${role}.`,
    resetTitle: (name) => `Ein neues Passwort für ${name}`,
    resetText: "Schicke diesen Link der Person und sonst niemandem. Er geht einmal, bis morgen.",
    resetField: "Link zum Zurücksetzen",
  },
};
