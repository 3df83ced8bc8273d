import type { Words } from "@/lib/i18n";

import { plurals } from "../catalogue";

const plural = plurals("de");

export const settings: Words["settings"] = {
  title: "Einstellungen",
  pages: {
    profile: "Profil",
    visit: "Dein Besuch",
    devices: "Geräte",
    password: "Passwort",
    privacy: "Privatsphäre und Sicherheit",
    calls: "Anrufe",
    appearance: "Aussehen",
    administration: "Verwaltung",
    server: "Dein Server",
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
    add: "Gerät hinzufügen",
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
    lost: "Verloren oder fremd",
    lostNamed: (name) => `${name} ist verloren oder fremd`,
    revokeTitle: (name) => `${name} ausschließen?`,
    revokeText:
      "Das Gerät wird sofort und für immer abgemeldet, und deine Schlüssel und die deiner Unterhaltungen werden erneuert. Dein Verlauf bleibt. Deine Passkeys gelten nicht mehr, weil sie die alten Schlüssel öffnen: Füge sie danach neu hinzu.",
    revokeAction: "Ausschließen und Schlüssel erneuern",
    revoking: {
      keys: "Deine Schlüssel werden erneuert",
      rooms: (done, all) => `Die Schlüssel deiner Unterhaltungen werden erneuert: ${done} von ${all}`,
    },
    revoked: (name) => `${name} ist ausgeschlossen, und deine Schlüssel sind neu.`,
    newSignIn: (device, time) => `Neue Anmeldung bei deinem Konto: ${device}, ${time}.`,
    notMe: "Das war ich nicht",
  },

  recovery: {
    title: "Wiederherstellungscode",
    text: "Er bringt deine Nachrichten zurück, wenn du dein Passwort vergisst. Ein neuer Code ersetzt den alten, der dann nichts mehr öffnet.",
    action: "Neuen Code machen",
    unconfirmed: "Du hast deinen Wiederherstellungscode noch nicht aufbewahrt. Ohne ihn bedeutet ein vergessenes Passwort verlorene Nachrichten.",
    done: "Dein neuer Wiederherstellungscode gilt.",
  },

  passkeys: {
    title: "Passkeys",
    text: "Ein Passkey meldet dich mit Fingerabdruck, Gesicht oder PIN an und öffnet deine Nachrichten wie dein Passwort.",
    unable: "Passkeys gehen in diesem Browser unter dieser Adresse nicht. Sie brauchen einen Rechnernamen und einen neueren Browser.",
    none: "Du hast noch keinen.",
    added: (when) => `hinzugefügt ${when}`,
    add: "Passkey hinzufügen",
    full: "Mehr Passkeys kann es nicht geben. Entferne einen, um einen anderen hinzuzufügen.",
    create: "Passkey anlegen",
    createText: "Dein Browser fragt, wo er aufbewahrt werden soll. Gib ihm einen Namen, der dir das sagt.",
    name: "Name des Passkeys",
    created: (name) => `${name} öffnet ab jetzt dein Konto.`,
    rename: "Umbenennen",
    renameNamed: (name) => `${name} umbenennen`,
    save: "Speichern",
    remove: "Entfernen",
    removeNamed: (name) => `${name} entfernen`,
    removeAsk: (name) => `${name} entfernen?`,
    removeText: "Er öffnet hier dann nichts mehr. Lösche ihn auch dort, wo deine Passkeys aufbewahrt werden.",
    removed: (name) => `${name} ist entfernt.`,
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
    connection: "Verbindung",
    connectionText: "Findet heraus, ob Anrufe von hier durchkommen, und was zu tun ist, wenn nicht.",
    connectionCheck: "Verbindung prüfen",
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
