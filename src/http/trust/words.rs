//! What the page says, in the languages of the client.

use http::{HeaderMap, HeaderValue, header};

/// Everything in one language.
pub(super) struct Words {
    pub(super) language: &'static str,
    pub(super) title: &'static str,
    pub(super) lead: &'static str,
    pub(super) choose: &'static str,
    pub(super) compare: &'static str,
    pub(super) terminal: &'static str,
    pub(super) name: &'static str,
    pub(super) test: &'static str,
    pub(super) test_lead: &'static str,
    pub(super) testing: &'static str,
    pub(super) yes: &'static str,
    pub(super) no: &'static str,
    pub(super) anyway: &'static str,
    pub(super) other: &'static str,
    pub(super) scope: &'static str,
    pub(super) systems: [System; 6],
}

/// How one system takes the certificate.
pub(super) struct System {
    pub(super) id: &'static str,
    pub(super) name: &'static str,
    pub(super) button: &'static str,
    pub(super) file: &'static str,
    pub(super) steps: &'static [&'static str],
}

impl Words {
    /// The first language of the browser's that there is.
    pub(super) fn of(headers: &HeaderMap) -> &'static Self {
        let wanted = headers.get(header::ACCEPT_LANGUAGE).map(HeaderValue::to_str);
        let wanted = wanted.and_then(Result::ok).unwrap_or_default();
        let known =
            |tag: &str| [&EN, &DE].into_iter().find(|words| tag.starts_with(words.language));
        wanted.split(',').find_map(|tag| known(tag.trim())).unwrap_or(&EN)
    }
}

static EN: Words = Words {
    language: "en",
    title: "Let this device trust your Callbox",
    lead: "Browsers give microphone and camera only to pages whose certificate they trust. Your \
           Callbox makes its own. Install its certificate once on each device, and no warning comes again.",
    choose: "Install the certificate",
    compare: "Compare the fingerprint",
    terminal: "Your system shows the fingerprint (SHA-256) of the certificate before or after it \
               installs it. It must be the one below, and the one that the server shows where it was \
               started, or with <code>callbox ca show</code>.",
    name: "Certificate:",
    test: "Am I trusted?",
    test_lead: "If this device trusts the certificate, the test takes you straight into Callbox. Some \
                browsers have to be closed and opened again first.",
    testing: "Testing …",
    yes: "Yes. Off you go.",
    no: "Not yet. Go through the steps above; then close the browser, open it again and repeat the test.",
    anyway: "Go on without (the browser will warn)",
    other: "For another device: scan this code with its camera. It opens this page there.",
    scope: "This certificate can vouch for this Callbox and for private names and addresses only. \
            With it, nobody can pose as a site on the internet, not even if the key is stolen.",
    systems: [
        System {
            id: "windows",
            name: "Windows",
            button: "Download for Windows",
            file: "/ca.crt",
            steps: &[
                "Open the downloaded file and choose <b>Install Certificate…</b>, <b>Current User</b>.",
                "Choose <b>Place all certificates in the following store</b>, <b>Browse…</b>, <b>Trusted Root Certification Authorities</b>.",
                "<b>Finish</b>, and confirm the question with <b>Yes</b>. Edge, Chrome and Firefox use it.",
            ],
        },
        System {
            id: "macos",
            name: "macOS",
            button: "Download profile",
            file: "/ca.mobileconfig",
            steps: &[
                "Open the downloaded file; macOS says that it waits to be reviewed.",
                "Open <b>System Settings › General › Device Management</b>, choose the profile and <b>Install…</b>.",
                "In <b>Keychain Access</b>, open the certificate and set <b>Trust › When using this certificate</b> to <b>Always Trust</b>, if Safari still warns.",
            ],
        },
        System {
            id: "iphone",
            name: "iPhone, iPad",
            button: "Download profile",
            file: "/ca.mobileconfig",
            steps: &[
                "Open this page in Safari, press the button and choose <b>Allow</b>.",
                "Open <b>Settings › Profile Downloaded</b> and choose <b>Install</b>.",
                "Open <b>Settings › General › About › Certificate Trust Settings</b> and switch the certificate on.",
            ],
        },
        System {
            id: "android",
            name: "Android",
            button: "Download for Android",
            file: "/ca.crt",
            steps: &[
                "Open <b>Settings</b> and search for <b>CA certificate</b> (under Security, Encryption &amp; credentials, Install a certificate).",
                "Choose <b>CA certificate</b>, <b>Install anyway</b>, and the downloaded file.",
                "Chrome uses it at once. In Firefox: <b>Settings › About Firefox</b>, tap the logo five times, then <b>Secret Settings › Use third party CA certificates</b>.",
            ],
        },
        System {
            id: "linux",
            name: "Linux (Chrome, Chromium)",
            button: "Download for Linux",
            file: "/ca.crt",
            steps: &[
                "Open <code>chrome://certificate-manager</code> and choose <b>Custom</b>, <b>Installed by you</b>, <b>Trusted certificates</b>.",
                "<b>Import</b> the downloaded file.",
                "For all programs of the computer, instead: copy <code>/ca.pem</code> to <code>/usr/local/share/ca-certificates/callbox.crt</code> and run <code>sudo update-ca-certificates</code>.",
            ],
        },
        System {
            id: "firefox",
            name: "Firefox on Linux",
            button: "Download for Firefox",
            file: "/ca.pem",
            steps: &[
                "Open <b>Settings › Privacy &amp; Security › Certificates › View Certificates…</b>.",
                "In <b>Authorities</b>, choose <b>Import…</b> and the downloaded file.",
                "Tick <b>Trust this CA to identify websites</b>.",
            ],
        },
    ],
};

static DE: Words = Words {
    language: "de",
    title: "Dieses Gerät soll der Callbox vertrauen",
    lead: "Browser geben Mikrofon und Kamera nur Seiten, deren Zertifikat sie vertrauen. Ihre Callbox \
           stellt ihres selbst aus. Einmal auf jedem Gerät installiert, kommt keine Warnung mehr.",
    choose: "Zertifikat installieren",
    compare: "Fingerabdruck vergleichen",
    terminal: "Das System zeigt den Fingerabdruck (SHA-256) des Zertifikats vor oder nach dem \
               Installieren. Es muss dieser sein, und der, den der Server dort zeigt, wo er gestartet \
               wurde, oder mit <code>callbox ca show</code>.",
    name: "Zertifikat:",
    test: "Vertraut mein Gerät?",
    test_lead: "Vertraut dieses Gerät dem Zertifikat, führt der Test gleich in die Callbox. Manche \
                Browser müssen vorher geschlossen und wieder geöffnet werden.",
    testing: "Wird geprüft …",
    yes: "Ja. Es geht los.",
    no: "Noch nicht. Gehen Sie die Schritte oben durch; dann den Browser schließen, wieder öffnen und den Test wiederholen.",
    anyway: "Ohne weitermachen (der Browser warnt dann)",
    other: "Für ein anderes Gerät: diesen Code mit dessen Kamera aufnehmen. Er öffnet dort diese Seite.",
    scope: "Dieses Zertifikat kann nur für diese Callbox und für private Namen und Adressen bürgen. \
            Niemand kann sich damit als eine Seite im Internet ausgeben, auch nicht mit gestohlenem Schlüssel.",
    systems: [
        System {
            id: "windows",
            name: "Windows",
            button: "Für Windows herunterladen",
            file: "/ca.crt",
            steps: &[
                "Die Datei öffnen und <b>Zertifikat installieren…</b>, <b>Aktueller Benutzer</b> wählen.",
                "<b>Alle Zertifikate in folgendem Speicher speichern</b>, <b>Durchsuchen…</b>, <b>Vertrauenswürdige Stammzertifizierungsstellen</b> wählen.",
                "<b>Fertig stellen</b> und die Frage mit <b>Ja</b> bestätigen. Edge, Chrome und Firefox verwenden es.",
            ],
        },
        System {
            id: "macos",
            name: "macOS",
            button: "Profil herunterladen",
            file: "/ca.mobileconfig",
            steps: &[
                "Die Datei öffnen; macOS meldet, dass sie auf Prüfung wartet.",
                "<b>Systemeinstellungen › Allgemein › Geräteverwaltung</b> öffnen, das Profil wählen und <b>Installieren…</b>.",
                "Warnt Safari noch, in der <b>Schlüsselbundverwaltung</b> das Zertifikat öffnen und <b>Vertrauen › Bei Verwendung dieses Zertifikats</b> auf <b>Immer vertrauen</b> stellen.",
            ],
        },
        System {
            id: "iphone",
            name: "iPhone, iPad",
            button: "Profil herunterladen",
            file: "/ca.mobileconfig",
            steps: &[
                "Diese Seite in Safari öffnen, die Taste drücken und <b>Zulassen</b> wählen.",
                "<b>Einstellungen › Profil geladen</b> öffnen und <b>Installieren</b> wählen.",
                "<b>Einstellungen › Allgemein › Info › Zertifikatsvertrauenseinstellungen</b> öffnen und das Zertifikat einschalten.",
            ],
        },
        System {
            id: "android",
            name: "Android",
            button: "Für Android herunterladen",
            file: "/ca.crt",
            steps: &[
                "<b>Einstellungen</b> öffnen und nach <b>CA-Zertifikat</b> suchen (unter Sicherheit, Verschlüsselung und Anmeldedaten, Zertifikat installieren).",
                "<b>CA-Zertifikat</b>, <b>Trotzdem installieren</b> und die heruntergeladene Datei wählen.",
                "Chrome verwendet es sofort. In Firefox: <b>Einstellungen › Über Firefox</b>, fünfmal auf das Logo tippen, dann <b>Secret Settings › Use third party CA certificates</b>.",
            ],
        },
        System {
            id: "linux",
            name: "Linux (Chrome, Chromium)",
            button: "Für Linux herunterladen",
            file: "/ca.crt",
            steps: &[
                "<code>chrome://certificate-manager</code> öffnen und <b>Benutzerdefiniert</b>, <b>Von Ihnen installiert</b>, <b>Vertrauenswürdige Zertifikate</b> wählen.",
                "Die heruntergeladene Datei <b>importieren</b>.",
                "Oder für alle Programme des Computers: <code>/ca.pem</code> als <code>/usr/local/share/ca-certificates/callbox.crt</code> ablegen und <code>sudo update-ca-certificates</code> ausführen.",
            ],
        },
        System {
            id: "firefox",
            name: "Firefox unter Linux",
            button: "Für Firefox herunterladen",
            file: "/ca.pem",
            steps: &[
                "<b>Einstellungen › Datenschutz &amp; Sicherheit › Zertifikate › Zertifikate anzeigen…</b> öffnen.",
                "Unter <b>Zertifizierungsstellen</b> <b>Importieren…</b> und die heruntergeladene Datei wählen.",
                "<b>Dieser CA vertrauen, um Websites zu identifizieren</b> ankreuzen.",
            ],
        },
    ],
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_language_that_there_is_is_spoken() {
        let of = |text: &str| {
            let headers = HeaderMap::from_iter([(header::ACCEPT_LANGUAGE, text.parse().unwrap())]);
            Words::of(&headers).language
        };
        assert_eq!(of("de-AT,de;q=0.9,en;q=0.8"), "de");
        assert_eq!(of("fr, en-GB;q=0.9, de;q=0.8"), "en");
        assert_eq!((of("fr"), of("")), ("en", "en"));
    }
}
