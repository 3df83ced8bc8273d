//! The board for Grafana names only metrics that there are.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::accounts::Owned;

/// Every word that begins as our metrics do.
fn names(text: &str) -> BTreeSet<String> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.match_indices("callbox_")
        .map(|(at, _)| text[at..].chars().take_while(|c| is_part(*c)).collect())
        .collect()
}

#[tokio::test]
async fn every_metric_on_the_board_exists() {
    let mut owned = Owned::start().await;
    let metrics = String::from_utf8(owned.owner.get("/metrics").await.body).unwrap();
    let samples: BTreeSet<_> = metrics
        .lines()
        .filter(|line| !line.starts_with('#'))
        .flat_map(|line| names(line).into_iter().next())
        .collect();
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging/grafana/callbox.json");
    let board: Value = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    let mut queries = Vec::new();
    for panel in board["panels"].as_array().unwrap() {
        let targets = panel["targets"].as_array().unwrap();
        assert!(!targets.is_empty(), "{panel}");
        queries.extend(targets.iter().map(|target| target["expr"].as_str().unwrap().to_owned()));
    }
    let variables = board["templating"]["list"].as_array().unwrap();
    queries
        .extend(variables.iter().filter_map(|v| v["query"]["query"].as_str()).map(str::to_owned));
    assert!(queries.len() > 15);
    for query in queries {
        let used = names(&query);
        assert!(!used.is_empty(), "{query}");
        for name in used {
            assert!(samples.contains(&name), "{name} in {query} is none of {samples:?}");
        }
    }
    // And whatever is measured says what it is.
    for name in &samples {
        let family = name.trim_end_matches("_sum").trim_end_matches("_count");
        assert!(metrics.contains(&format!("# HELP {family} ")), "{name}");
    }
}
