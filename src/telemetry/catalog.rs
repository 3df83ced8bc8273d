//! What each metric means, for whoever reads `/metrics`.

use metrics::{counter, describe_counter, describe_gauge, describe_histogram, gauge};

/// Describes the metrics, and begins those at zero that count what seldom happens:
/// what is missing until the first time looks like what is broken.
pub(super) fn introduce() {
    for (name, text) in COUNTERS {
        describe_counter!(*name, *text);
    }
    for (name, text) in GAUGES {
        describe_gauge!(*name, *text);
    }
    for (name, text) in HISTOGRAMS {
        describe_histogram!(*name, *text);
    }
    for name in ["callbox_http_panics_total", "callbox_store_failures_total"] {
        counter!(name).increment(0);
    }
    for limit in ["total", "address"] {
        counter!("callbox_connections_refused_total", "limit" => limit).increment(0);
    }
    gauge!("callbox_backup_timestamp_seconds").set(0.0);
}

const COUNTERS: &[(&str, &str)] = &[
    ("callbox_certificate_failures_total", "Attempts to obtain a certificate that failed."),
    ("callbox_certificates_obtained_total", "Certificates that were obtained."),
    ("callbox_connections_refused_total", "Connections that met a limit at the door."),
    ("callbox_http_panics_total", "Requests that met a fault in the server."),
    ("callbox_http_requests_total", "Requests, by the status they were answered with."),
    ("callbox_log_lines_dropped_total", "Log lines lost because nobody read them in time."),
    ("callbox_relay_allocations_total", "Relay allocations that were made."),
    (
        "callbox_relay_authentication_failures_total",
        "Requests to the relay with a wrong password, by reason.",
    ),
    ("callbox_relay_bytes_total", "Bytes of relayed packets."),
    (
        "callbox_relay_challenges_suppressed_total",
        "Answers the relay did not give to who asked too often.",
    ),
    ("callbox_relay_drops_total", "Packets the relay did not pass on, by reason."),
    ("callbox_relay_packets_total", "Relayed packets."),
    ("callbox_store_failures_total", "Transactions that failed."),
];

const GAUGES: &[(&str, &str)] = &[
    ("callbox_accounts", "Accounts that may sign in, by kind."),
    ("callbox_accounts_online", "People shown as online."),
    (
        "callbox_backup_timestamp_seconds",
        "When the last backup since the start was taken; 0 for none.",
    ),
    ("callbox_calls", "Calls of this moment, by state."),
    ("callbox_certificate_not_after_seconds", "The last moment of a certificate."),
    ("callbox_connections", "Open WebSockets."),
    ("callbox_entries", "Messages, calls and control events in the history."),
    ("callbox_files", "Files that people have sent."),
    ("callbox_relay_allocations", "Relay allocations of this moment."),
    ("callbox_resident_memory_bytes", "Memory of the process."),
    ("callbox_start_time_seconds", "When the server started."),
    ("callbox_storage_bytes", "Bytes on the disk, by kind."),
    ("callbox_storage_free_bytes", "Bytes that the disk with the data has left."),
    ("callbox_uptime_seconds", "How long the server has been up."),
];

const HISTOGRAMS: &[(&str, &str)] = &[
    ("callbox_store_commit_operations", "Operations that shared a transaction."),
    ("callbox_store_commit_seconds", "How long a transaction took, down to the disk."),
];
