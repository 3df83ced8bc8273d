import type { Words } from "@/lib/i18n";

export const account: Words["account"] = {
  name: "Name",
  nameHint: "So sehen dich die anderen.",
  password: "Passwort",
  newPassword: "Neues Passwort",
  showPassword: "Passwort anzeigen",
  hidePassword: "Passwort verbergen",
  working: "Einen Moment",

  strength: {
    empty:
      "Mindestens 8 Zeichen. Ein paar Wörter hintereinander merkt man sich leicht und errät sie schwer.",
    short: "Zu kurz: mindestens 8 Zeichen.",
    weak: "Leicht zu erraten. Füge ein, zwei Wörter hinzu.",
    fair: "Geht. Mit noch einem Wort wird es stark.",
    strong: "Stark.",
  },

  setup: {
    title: "Callbox einrichten",
    text: "Du bist als Erstes hier. Diesem Konto gehört der Ort: Es kann Leute einladen und Admins ernennen.",
    action: "Konto anlegen",
    badLink:
      "Dieser Einrichtungslink gilt nicht mehr. Der neueste steht im Terminal, in dem Callbox gestartet wurde.",
    noLink:
      "In diesem Link fehlt etwas. Öffne den ganzen Link, wie er im Terminal steht, in dem Callbox gestartet wurde.",
    done: "Callbox ist schon eingerichtet. Melde dich an oder bitte um eine Einladung.",
    waiting: {
      title: "Callbox ist noch nicht eingerichtet",
      text: "Öffne den Einrichtungslink, der im Terminal steht, in dem Callbox gestartet wurde.",
    },
  },

  join: {
    title: (by) => `${by} lädt dich ein`,
    text: "Wähle einen Namen und ein Passwort, und du bist dabei.",
    action: "Beitreten",
    checking: "Die Einladung wird geprüft",
    bad: {
      title: "Diese Einladung gilt nicht mehr",
      text: "Sie ist aufgebraucht, abgelaufen oder zurückgezogen. Bitte die Person, die sie geschickt hat, um eine neue.",
    },
    signedIn: {
      title: (name) => `Du bist schon hier, ${name}`,
      text: "Diese Einladung ist für jemanden ohne Konto. Gib sie weiter.",
      action: "Zu deinen Unterhaltungen",
    },
    haveAccount: "Du hast ein Konto?",
  },

  signIn: {
    title: "Anmelden",
    text: "Schön, dass du wieder da bist.",
    ended: "Du wurdest auf diesem Gerät abgemeldet. Melde dich an, um zurückzukommen.",
    action: "Anmelden",
    wrong: "Name und Passwort passen nicht zusammen. Prüfe beides und versuche es noch einmal.",
    forgot: "Passwort vergessen?",
    otherDevice: "Stattdessen ein anderes Gerät nutzen",
    passkey: "Passkey nutzen",
  },

  reset: {
    title: "Neues Passwort wählen",
    text: (name) => `Für ${name}. Alle deine anderen Geräte werden abgemeldet, und deine Passkeys gelten nicht mehr.`,
    action: "Speichern und anmelden",
    withCode: "Ich habe meinen Wiederherstellungscode",
    withoutCode: "Ich habe meinen Wiederherstellungscode nicht",
    warning:
      "Ohne den Code sind deine Schlüssel verloren. Du beginnst mit neuen: Was bis jetzt geschrieben wurde, bleibt dir verschlossen, bis dich ein anderes Mitglied wieder hereinlässt, und alle erfahren, dass deine Schlüssel neu sind.",
    warned: "Ich habe verstanden. Mit neuen Schlüsseln beginnen.",
    mustAgree: "Bestätige, dass du verstanden hast, was verloren geht.",
    bad: {
      title: "Dieser Link gilt nicht mehr",
      text: "Er geht einmal, innerhalb eines Tages. Bitte einen Admin um einen neuen.",
    },
  },

  recovery: {
    title: "Dein Wiederherstellungscode",
    text: "Wenn du dein Passwort vergisst, bringt nur dieser Code deine Nachrichten zurück. Er wird nur dieses eine Mal gezeigt, und niemand sonst hat ihn: nicht der Server und kein Admin.",
    label: "Wiederherstellungscode",
    print: "Drucken",
    download: "Herunterladen",
    next: "Ich habe ihn aufbewahrt",
    again: "Code noch einmal zeigen",
    check: {
      title: "Tippe die letzten zwei Gruppen",
      text: "Damit sicher ist, dass du ihn hast: die letzten acht Zeichen des Codes.",
      label: "Letzte zwei Gruppen",
      wrong: "Das sind nicht die letzten zwei Gruppen. Sieh in deiner Aufzeichnung nach.",
      action: "Weiter",
    },
    file: "callbox-wiederherstellungscode.txt",
    sheet: (name, place) =>
      `Wiederherstellungscode von ${name} für Callbox unter ${place}. Bewahre ihn da auf, wo nur du ihn findest. Mit ihm wählst du ein neues Passwort und liest alles wieder.`,
    making: "Deine Schlüssel werden erzeugt",
  },

  forgot: {
    title: "Passwort vergessen?",
    text: "Mit deinem Wiederherstellungscode wählst du ein neues Passwort, und alle deine Nachrichten bleiben lesbar. Deine anderen Geräte werden abgemeldet, und deine Passkeys gelten nicht mehr.",
    code: "Wiederherstellungscode",
    codeHint: "Sieben Vierergruppen, wie du sie am Anfang aufbewahrt hast.",
    codeMissing: "Gib deinen Wiederherstellungscode ein.",
    typo: "In diesem Code ist ein Tippfehler. Prüfe ihn Gruppe für Gruppe.",
    wrong: "Name und Wiederherstellungscode passen nicht zusammen. Prüfe beides und versuche es noch einmal.",
    action: "Speichern und anmelden",
    without:
      "Kein Code? Ein Admin dieser Callbox kann dir einen Link für ein neues Passwort geben. Ohne den Code bleibt, was vorher geschrieben wurde, verschlossen, bis dich jemand wieder hereinlässt.",
    back: "Zurück zur Anmeldung",
  },

  keyless: {
    title: "Noch ein Schritt",
    text: "Dieser Browser hat die Schlüssel deines Kontos nicht. Bestätige dein Passwort, um deine Nachrichten hier zu öffnen.",
    action: "Meine Nachrichten öffnen",
  },

  confirm: {
    title: "Passwort bestätigen",
    text: "Damit sicher ist, dass du es bist.",
    action: "Bestätigen",
    wrong: "Das ist nicht dein Passwort.",
    passkey: "Stattdessen einen Passkey nutzen",
  },

  nameEmpty: "Gib einen Namen ein.",
  nameLong: "Ein Name hat höchstens 64 Zeichen.",
  passwordEmpty: "Gib dein Passwort ein.",
};
