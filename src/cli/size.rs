//! Amounts of bytes as people read them.

/// In the largest unit of which there is at least one.
pub(super) fn write(bytes: u64) -> String {
    let (mut value, mut unit) = (bytes as f64, "bytes");
    for larger in ["KiB", "MiB", "GiB", "TiB"] {
        if value < 1024.0 {
            break;
        }
        (value, unit) = (value / 1024.0, larger);
    }
    if unit == "bytes" { format!("{bytes} bytes") } else { format!("{value:.1} {unit}") }
}

#[cfg(test)]
mod tests {
    #[test]
    fn sizes_are_written_in_their_largest_unit() {
        let sizes = [0, 1023, 1024, 1_572_864, 3 << 40].map(super::write);
        assert_eq!(sizes, ["0 bytes", "1023 bytes", "1.0 KiB", "1.5 MiB", "3.0 TiB"]);
    }
}
