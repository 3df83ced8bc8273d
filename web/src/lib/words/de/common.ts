import type { Words } from "@/lib/i18n";

export const common: Words["common"] = {
  product: "Callbox",
  close: "Schließen",
  cancel: "Abbrechen",
  save: "Speichern",
  saved: "Gespeichert",
  copy: "Kopieren",
  copied: "Kopiert",
  back: "Zurück",
  retry: "Noch einmal versuchen",
  loading: "Lädt",
  more: "Mehr",
  you: "Du",
  notifications: "Hinweise",
  online: "Da",
  offline: "Gerade nicht da",
  qrCode: "QR-Code",
  justNow: "jetzt",
  yesterday: "Gestern",
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
};
