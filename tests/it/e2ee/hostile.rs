//! Payloads that are nearly right, field by field, and what becomes of them.
//!
//! The corpus is in the repository, and the web client's tests read the same file: what one side
//! takes and the other refuses would part their histories. `UPDATE_VECTORS=1 cargo test --test it
//! e2ee::hostile` makes it anew from the vectors.

use std::collections::BTreeSet;

use callbox::pure::e2ee::{Envelope, InvalidRecord, Record};
use serde_json::{Value, json};

use super::world::People;
use crate::e2ee_client::envelope::CONTROL;
use crate::e2ee_client::{Chance, Talk, b64};

const CORPUS: &str = "tests/vectors/hostile.json";

/// What stands in place of a value, as text, so that it can be what no encoder writes.
const VALUES: [&str; 32] = [
    "null",
    "true",
    "false",
    "-1",
    "-0",
    "0",
    "1.0",
    "1e0",
    "4294967295",
    "4294967296",
    "9007199254740991",
    "9007199254740992",
    "18446744073709551616",
    "1e400",
    "01",
    "NaN",
    "\"\"",
    "\"0\"",
    "\"\\u0000\"",
    "\"\\ud800\"",
    "\"e\\u0301\"",
    "\" x\"",
    "\"a\\u202eb\"",
    "\"AAAAAAAAAAAAAAAAAAAAAA\"",
    "\"AAAAAAAAAAAAAAAAAAAAAB\"",
    "\"AAAAAAAAAAAAAAAAAAAAAA==\"",
    "\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"",
    "\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB\"",
    "\"+/+/+/+/+/+/+/+/+/+/+w\"",
    "{}",
    "[]",
    "{\"__proto__\":1}",
];

const MARK: &str = "\"@here@\"";

#[test]
fn h53_h63_near_payloads_are_judged_as_the_corpus_says() {
    if std::env::var_os("UPDATE_VECTORS").is_some() {
        let text = corpus().iter().map(|case| format!("  {case}")).collect::<Vec<_>>();
        std::fs::write(CORPUS, format!("[\n{}\n]\n", text.join(",\n"))).unwrap();
    }
    let cases: Vec<Value> =
        serde_json::from_str(&std::fs::read_to_string(CORPUS).unwrap()).unwrap();
    assert!(cases.len() > 500);
    let mut taken = 0;
    for case in &cases {
        let payload = case["payload"].as_str().unwrap();
        let judged = takes(case["kind"].as_str().unwrap(), payload);
        assert_eq!(Value::from(judged), case["taken"], "{case}");
        taken += usize::from(judged);
    }
    // Neither all nor nothing, or it would show nothing.
    assert!(taken > 20 && taken < cases.len() / 2, "{taken} of {}", cases.len());
}

fn takes(kind: &str, payload: &str) -> bool {
    match kind {
        "record" => is_record(payload),
        "control" => {
            let people = People::new();
            let by = &people.0[0];
            let mut talk = Talk::new([1; 16], "room", "all", "", Chance::of("hostile"));
            talk.rotate(by);
            let mut draft = talk.draft(by, CONTROL);
            // No case touches the epoch, which the header has to repeat.
            let epoch = payload.split("\"epoch\":").nth(1).unwrap();
            draft.epoch =
                epoch.split(|c: char| !c.is_ascii_digit()).next().unwrap().parse().unwrap();
            let envelope = draft.clear(payload.as_bytes(), &by.device().key);
            Envelope::parse(envelope.clone().into()).is_ok() && people.control(&envelope).is_ok()
        }
        other => panic!("{other}"),
    }
}

/// Whether it says what a record has to say, signed or not.
fn is_record(payload: &str) -> bool {
    let Ok(read) = Record::stored(payload.as_bytes()) else { return false };
    let signed = json!({"payload": b64(payload), "signature": b64([0; 64]), "continuity": null});
    let unsigned = Record::first(read.account(), &serde_json::from_value(signed).unwrap());
    use InvalidRecord::{DeviceCount, DeviceTwice, Suite};
    !matches!(unsigned.unwrap_err(), Suite | DeviceCount | DeviceTwice)
}

fn corpus() -> Vec<Value> {
    let mut cases = Vec::new();
    for (kind, seed) in seeds() {
        let value: Value = serde_json::from_str(&seed).unwrap();
        let mut near =
            BTreeSet::from([format!(" {seed}\n"), format!("\u{feff}{seed}"), format!("{seed},")]);
        for (at, path) in paths(&value).into_iter().enumerate() {
            if path == "/epoch" {
                continue;
            }
            let mut marked = value.clone();
            let old = marked.pointer_mut(&path).unwrap().take();
            *marked.pointer_mut(&path).unwrap() = json!("@here@");
            let marked = marked.to_string();
            let field = path.rsplit('/').next().unwrap();
            // A different choice at each place, so that all together see everything.
            for n in 0..6 {
                near.insert(marked.replace(MARK, VALUES[(at * 6 + n + kind.len()) % VALUES.len()]));
            }
            if field.parse::<usize>().is_err() {
                let once = format!("\"{field}\":{MARK}");
                let twice = [
                    format!("\"{field}\":{old},\"{field}\":{old}"),
                    format!(
                        "\"{field}\":{old},\"\\u{:04x}{}\":{old}",
                        field.as_bytes()[0],
                        &field[1..]
                    ),
                    format!("\"{field}\":{old},\"{field}_\":{old}"),
                    format!("\"{field} \":{old}"),
                ];
                near.insert(marked.replace(&once, &twice[at % 4]));
            }
        }
        cases.extend(near.into_iter().map(
            |payload| json!({"kind": kind, "payload": payload, "taken": takes(kind, &payload)}),
        ));
    }
    cases
}

/// One payload of each operation, and one record.
fn seeds() -> Vec<(&'static str, String)> {
    let vectors: Value = serde_json::from_str(include_str!("../../vectors/e2ee.json")).unwrap();
    let text = |value: &Value| value["payload"].as_str().unwrap().to_owned();
    let mut kinds = BTreeSet::new();
    let logs = vectors["control"].as_array().unwrap();
    let events = logs.iter().flat_map(|log| log["events"].as_array().unwrap());
    let mut seeds: Vec<_> = events
        .map(text)
        .filter(|payload| {
            let value: Value = serde_json::from_str(payload).unwrap();
            // A founding with many members says nothing more than one with two.
            payload.len() < 1200 && kinds.insert(value["op"]["type"].to_string())
        })
        .map(|payload| ("control", payload))
        .collect();
    let records = vectors["records"]["steps"].as_array().unwrap();
    seeds.push((
        "record",
        text(records.iter().find(|step| text(step).contains("\"g\":1")).unwrap()),
    ));
    seeds
}

/// All places in a value.
fn paths(value: &Value) -> Vec<String> {
    let inner: Vec<(String, &Value)> = match value {
        Value::Object(fields) => fields.iter().map(|(name, value)| (name.clone(), value)).collect(),
        Value::Array(list) => list.iter().take(1).map(|value| ("0".to_owned(), value)).collect(),
        _ => Vec::new(),
    };
    let below = |(name, value): (String, &Value)| {
        let rest =
            paths(value).into_iter().map(|path| format!("/{name}{path}")).collect::<Vec<_>>();
        std::iter::once(format!("/{name}")).chain(rest).collect::<Vec<_>>()
    };
    inner.into_iter().flat_map(below).collect()
}
