use proptest::prelude::*;

use super::*;

type Contents = Vec<(String, Vec<u8>)>;

fn manifest() -> Manifest {
    Manifest::new("1.2.3", Millis(1_800_000_000_000))
}

fn write(contents: &[(String, Vec<u8>)]) -> Vec<u8> {
    let (mut writer, mut archive) = Writer::new(&manifest());
    for (name, content) in contents {
        archive.extend_from_slice(&writer.begin(name, content.len() as u64));
        for part in content.chunks(700) {
            writer.take(part);
            archive.extend_from_slice(part);
        }
        archive.resize(archive.len() + writer.end(), 0);
    }
    archive.extend_from_slice(&writer.finish());
    let sizes = contents.iter().map(|(name, content)| (name.as_str(), content.len() as u64));
    assert_eq!(archive.len() as u64, length(&manifest(), sizes));
    archive
}

fn read(archive: &[u8], part: usize) -> Result<Contents, Damage> {
    let mut reader = Reader::default();
    let mut contents = Contents::new();
    for mut input in archive.chunks(part) {
        while let Some(event) = reader.next(&mut input)? {
            match event {
                Event::Begin { name, .. } => contents.push((name, Vec::new())),
                Event::Bytes(bytes) => contents.last_mut().unwrap().1.extend_from_slice(bytes),
                Event::End => {}
            }
        }
    }
    let found = reader.finish()?;
    assert_eq!(found, manifest());
    Ok(contents)
}

fn some() -> Contents {
    let file = |name: &str, size: usize| (name.to_owned(), vec![b'x'; size]);
    vec![
        file("callbox.db", 3_000),
        file("files/00112233445566778899aabbccddeeff", 512),
        file("keys/opaque", 0),
        file(&format!("tls/acme-0011223344556677/{}.example.pem", "long.".repeat(16)), 700),
    ]
}

#[test]
fn what_was_written_is_read_in_parts_of_any_length() {
    let archive = write(&some());
    for part in [1, 7, 511, 512, 513, 100_000] {
        assert_eq!(read(&archive, part), Ok(some()));
    }
    assert_eq!(read(&write(&[]), 100), Ok(Vec::new()));
}

#[test]
fn every_changed_bit_is_noticed() {
    let archive = write(&some());
    for at in 0..archive.len() {
        let mut changed = archive.clone();
        changed[at] ^= 1 << (at % 8);
        assert!(read(&changed, 4096).is_err(), "byte {at}");
    }
}

#[test]
fn every_missing_or_added_end_is_noticed() {
    let archive = write(&some());
    for length in 0..archive.len() {
        assert!(read(&archive[..length], 4096).is_err(), "{length} bytes");
    }
    for more in [&[0][..], &[0; 512], b"x", &archive] {
        assert!(read(&[&archive, more].concat(), 4096).is_err());
    }
}

#[test]
fn other_things_are_not_taken_for_a_backup() {
    for other in [&b""[..], b"SQLite format 3\0", &[0; 4096], &[0x1f, 0x8b, 8, 0]] {
        let damage = read(other, 512).unwrap_err();
        assert!(matches!(damage, Damage::Foreign | Damage::Cut), "{damage:?}");
    }
    assert_eq!(read(&[0; 4096], 512), Err(Damage::Foreign));
    // A tar archive, well formed, of something else.
    let other = header::write("hello.txt", 0, 0);
    assert_eq!(read(&[&other[..], &[0; 1024]].concat(), 512), Err(Damage::Foreign));
    let newer = Manifest { format: 2, ..manifest() };
    assert_eq!(read(&Writer::new(&newer).1, 512), Err(Damage::Newer(2)));
}

/// H90: a name becomes a path, and must not lead out of the directory.
#[test]
fn h90_names_that_lead_elsewhere_are_refused() {
    for name in [
        "",
        "/etc/passwd",
        "../x",
        "keys/../../x",
        "keys/..",
        "keys/.",
        "keys//x",
        "keys/",
        "keys/.hidden",
        "keys/a/b/c/d",
        "keys/a\\b",
        "keys/ü",
        "files/0011",
        "files/00112233445566778899AABBCCDDEEFF",
        "admin.sock",
        "setup-token",
        "callbox.db-wal",
        "SHA256SUMS/x",
    ] {
        assert_eq!(kind(name), None, "{name}");
        let damage = read(&write(&[(name.to_owned(), Vec::new())]), 512);
        assert!(matches!(damage, Err(Damage::Structure(_))), "{name}: {damage:?}");
    }
    let twice = [some(), some()].concat();
    assert!(read(&write(&twice), 512).is_err());
}

#[test]
fn sizes_beyond_octal_have_room() {
    for size in [0, 1, (1 << 33) - 1, 1 << 33, 1 << 50] {
        let block = header::write("callbox.db", size, 7);
        assert_eq!(header::read(&block), Some(("callbox.db".to_owned(), size)));
    }
}

proptest! {
    #[test]
    fn nothing_makes_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..3_000)) {
        prop_assert!(read(&bytes, 100).is_err());
        let whole = write(&some());
        let (front, _) = whole.split_at(whole.len() / 2);
        prop_assert!(read(&[front, &bytes].concat(), 100).is_err());
    }
}
