import { plurals } from "../catalogue";
import type { SecurityWords } from ".";

const plural = plurals("de");

export const de: SecurityWords = {
  privacy: {
    title: "Privatsphäre und Sicherheit",
    lead: "Nachrichten, Dateien und Anrufe sind Ende-zu-Ende-verschlüsselt: auf deinem Gerät versiegelt und erst auf den Geräten der anderen geöffnet.",
    does: {
      title: "Was geschützt ist",
      points: {
        content: "Was du schreibst und sendest: Nur die Mitglieder einer Unterhaltung können es lesen. Der Server speichert, was er nicht öffnen kann.",
        calls: "Anrufe: Ton und Bild sind von Gerät zu Gerät verschlüsselt, auch wenn der Server sie weiterleitet.",
        author: "Von wem etwas ist: Jede Nachricht ist unterschrieben. Was unterwegs geändert oder weggelassen wird, fällt auf.",
        members: "Wer dabei ist: Der Server kann niemanden in eine Unterhaltung aufnehmen. Wer entfernt wird, kann nicht lesen, was danach kommt.",
        password: "Dein Passwort: Es verlässt diesen Browser nie.",
      },
    },
    from: {
      title: "Vor wem",
      text: "Gestohlene Festplatten und Sicherungen, Datenlecks, ein neugieriger Betreiber des Rechenzentrums und ein Server, der verändert, was durch ihn geht.",
    },
    not: {
      title: "Was nicht geschützt ist",
      points: {
        metadata: "Wer wann mit wem spricht. Der Server sieht Namen und Bilder, wer in welchem Raum ist und wie der Raum heißt, wann Nachrichten kommen und wie lang sie etwa sind, wer online ist, wer was gelesen hat, wer wen angerufen hat, und deine Netzwerkadresse.",
        page: "Ein Betreiber des Servers, der dir eine veränderte Seite schickt. Diese Seite kommt vom Server; eine, die mitlesen soll, könnte das.",
        forward: "Die Vergangenheit, wenn Schlüssel des Kontos gestohlen werden: Sie ist dann nicht geschützt (keine „forward secrecy“). Wer dein Passwort, deinen Wiederherstellungscode oder dein entsperrtes Gerät hat, kann deinen ganzen Verlauf lesen.",
        deniability: "Abstreiten, was du geschrieben hast. Nachrichten sind unterschrieben, und ein Mitglied kann anderen zeigen, dass sie von dir sind.",
        strangers: "Menschen, mit denen du nie verglichen hast. Bis dahin verlässt du dich darauf, dass der Server ihre Schlüssel richtig nennt.",
        lost: "Der Verlust von Passwort und Wiederherstellungscode zugleich. Dann kann niemand deine Nachrichten zurückholen, auch keine Administration.",
      },
    },
    doing: {
      title: "Was du tun kannst",
      text: "Bewahre deinen Wiederherstellungscode auf. Öffne die Seite einer Person und vergleiche die Sicherheitsnummer, oder prüfe sie im Anruf. Schneide Geräte ab, die du verloren hast.",
    },
  },

  person: {
    unknown: { title: "Hier ist niemand", text: "Unter dieser Adresse gibt es kein Konto." },
    write: "Schreiben",
    unverified: "Nicht geprüft",
    verifiedText: (name) => `Du hast die Schlüssel mit ${name} verglichen. Das gilt für alle Geräte und alle Anrufe dieser Person.`,
    unverifiedText: (name) => `Du hast die Schlüssel mit ${name} noch nicht verglichen.`,
    changedText: (name) =>
      `Die Schlüssel von ${name} sind nicht die, die du verglichen hattest. Vielleicht hat die Person ohne Wiederherstellungscode neu angefangen, vielleicht steht jemand dazwischen. Bis du entscheidest, wird nichts an sie gesendet und kein Anruf beginnt.`,
    changedSince: (name) => `${name} hat mit anderen Schlüsseln neu angefangen, seit ihr euch hier zuerst begegnet seid.`,
    accept: "Neue Schlüssel annehmen",
    acceptAsk: (name) => `Mit den neuen Schlüsseln von ${name} weitermachen?`,
    acceptText: "Frag die Person vorher selbst oder am Telefon, ob sie neu angefangen hat. Sie gilt danach nicht mehr als geprüft.",
    accepted: (name) => `Du schreibst ${name} wieder.`,
    devices: "Geräte",
    deviceCount: (count) => plural(count, { one: "# Gerät", other: "# Geräte" }),
    newest: (when) => `das neueste seit ${when}`,
    noKeys: "Die Schlüssel dieses Kontos sind noch nicht hier.",
    safety: {
      title: "Sicherheitsnummer",
      text: (name) => `Vergleiche diese Ziffern mit denen, die ${name} sieht, nebeneinander oder am Telefon. Sind sie gleich, steht niemand dazwischen.`,
      number: "Sicherheitsnummer",
      qr: "Sicherheitsnummer als QR-Code",
      match: "Sie sind gleich",
      scan: "Den anderen Code scannen",
      undo: "Doch nicht geprüft",
      undone: "Der Vergleich ist vergessen.",
      done: (name) => `${name} ist geprüft.`,
    },
    scan: {
      title: "Den anderen Code scannen",
      text: (name) => `Halte den Code auf dem Gerät von ${name} vor die Kamera.`,
      camera: "Bild der Kamera",
      starting: "Die Kamera startet",
      wrong: "Das ist nicht der Code von euch beiden. Achte darauf, dass es deine Seite auf dem anderen Gerät ist, und vergleiche die Ziffern.",
      noCamera: "Die Kamera ließ sich nicht starten. Erlaube sie für diese Seite, oder vergleiche die Ziffern.",
      again: "Noch einmal scannen",
    },
  },

  call: {
    verify: "Diesen Anruf prüfen",
    begin: (name) => `Ihr seht beide sieben Bilder. Lest sie einander vor. Sind sie gleich, steht niemand zwischen dir und ${name}.`,
    start: "Bilder zeigen",
    waiting: (name) => `Warten auf ${name}`,
    asked: (name) => `${name} möchte Bilder mit dir vergleichen.`,
    compare: "Sind das die Bilder auf der anderen Seite, in dieser Reihenfolge?",
    match: "Sie sind gleich",
    differ: "Sie sind verschieden",
    done: (name) => `${name} ist geprüft, in diesem und in allen anderen Anrufen.`,
    broken: "Der Vergleich ist gescheitert. Vielleicht steht jemand zwischen euch: Leg auf, und verlass dich nicht auf diesen Anruf.",
    lost: "Der Vergleich wurde abgebrochen. Beginne noch einmal.",
    again: "Noch einmal beginnen",
    hangUp: "Auflegen",
  },
};
