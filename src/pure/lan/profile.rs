//! A configuration profile with one root certificate, as macOS, iOS and iPadOS install it.

use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// The profile for this authority. `name` is what people see; `fingerprint` is the SHA-256 of
/// `der`: the same authority installed again takes the place of the earlier one.
pub fn profile(name: &str, der: &[u8], fingerprint: &[u8; 32]) -> String {
    let [profile, payload] = [uuid(&fingerprint[..16]), uuid(&fingerprint[16..])];
    let (name, data) = (escape(name), STANDARD.encode(der));
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>PayloadType</key><string>Configuration</string>
  <key>PayloadVersion</key><integer>1</integer>
  <key>PayloadIdentifier</key><string>callbox.authority.{profile}</string>
  <key>PayloadUUID</key><string>{profile}</string>
  <key>PayloadDisplayName</key><string>{name}</string>
  <key>PayloadDescription</key><string>Makes this device trust the pages of a Callbox in the local network, and no others.</string>
  <key>PayloadContent</key>
  <array>
    <dict>
      <key>PayloadType</key><string>com.apple.security.root</string>
      <key>PayloadVersion</key><integer>1</integer>
      <key>PayloadIdentifier</key><string>callbox.authority.{profile}.{payload}</string>
      <key>PayloadUUID</key><string>{payload}</string>
      <key>PayloadDisplayName</key><string>{name}</string>
      <key>PayloadCertificateFileName</key><string>callbox.crt</string>
      <key>PayloadContent</key><data>{data}</data>
    </dict>
  </array>
</dict>
</plist>
"#
    )
}

/// Sixteen bytes in the form of a UUID made by hashing (RFC 9562 version 8).
fn uuid(bytes: &[u8]) -> String {
    let mut text = String::new();
    for (n, byte) in bytes.iter().enumerate() {
        let byte = match n {
            6 => byte & 0x0f | 0x80,
            8 => byte & 0x3f | 0x80,
            _ => *byte,
        };
        let dash = if matches!(n, 4 | 6 | 8 | 10) { "-" } else { "" };
        write!(text, "{dash}{byte:02X}").expect("a string takes all");
    }
    text
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_holds_the_certificate_under_its_name() {
        let text = profile("Callbox <box>", b"\x30\x03abc", &[0xab; 32]);
        assert!(text.contains("<data>MANhYmM=</data>"), "{text}");
        assert_eq!(text.matches("Callbox &lt;box&gt;").count(), 2);
        assert!(text.contains("ABABABAB-ABAB-8BAB-ABAB-ABABABABABAB"), "{text}");
    }
}
