//! Finds the cases that other projects' tests are made of.

use std::io::Write as _;

use serde_json::Value;

/// Returns a file of cases; where it is absent, says so and returns none.
pub(crate) fn load(name: &str) -> Option<Value> {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/vectors");
    let folder = std::env::var("LASTGOOD_VECTORS").unwrap_or_else(|_| beside.to_owned());
    let file = std::path::Path::new(&folder).join(name);
    match std::fs::read_to_string(&file) {
        Ok(text) => Some(serde_json::from_str(&text).unwrap()),
        Err(cause) => {
            skipped(&format!("no cases in {} ({cause}); set LASTGOOD_VECTORS", file.display()));
            None
        }
    }
}

/// Says why a test looks at nothing, where whoever runs all of them counts it.
pub(crate) fn skipped(why: &str) {
    println!("skipped: {why}");
    let Ok(file) = std::env::var("LASTGOOD_SKIPPED") else { return };
    let list = std::fs::OpenOptions::new().create(true).append(true).open(file);
    // In one piece: other tests write beside this one.
    list.unwrap().write_all(format!("{why}\n").as_bytes()).unwrap();
}

/// Returns the cases of a list, each with its name.
pub(crate) fn cases<'a>(file: &'a Value, list: &str) -> impl Iterator<Item = (&'a str, &'a Value)> {
    let cases = file[list].as_array().unwrap().iter();
    cases.map(|case| (case["id"].as_str().unwrap_or_default(), case))
}

/// Returns the probes' cases whose configuration has this key.
pub(crate) fn of_kind<'a>(file: &'a Value, kind: &str) -> Vec<(&'a str, &'a Value)> {
    cases(file, "cases").filter(|(_, case)| !case["config"][kind].is_null()).collect()
}

/// Returns whether a run of Argo's is one whose specification it refuses.
pub(crate) fn is_misconfigured(run: &Value) -> bool {
    let told = |key: &str, words: &str| run[key].as_str().is_some_and(|text| text.contains(words));
    told("note", "invalid spec") || told("message", "spec invalid")
}

/// Returns whether a case of Argo's scheduling is about a look that has not ended.
pub(crate) fn is_under_way(case: &Value) -> bool {
    let state = case["state"].as_str().unwrap_or_default();
    state.contains("in flight") || state.contains("resumeAt")
}

/// What became of the cases of a list: each is asserted, as its file says or as we promise instead.
#[derive(Default)]
pub(crate) struct Count {
    held: usize,
    departed: Vec<String>,
}

impl Count {
    /// A case came out as its file says.
    pub(crate) fn held(&mut self) {
        self.held += 1;
    }

    /// A case came out as we promise, which is on purpose not what its file says.
    pub(crate) fn departed(&mut self, id: &str, why: &str) {
        self.departed.push(format!("{id}: {why}"));
    }

    /// Tells the count; a case that was left out is a failure.
    #[track_caller]
    pub(crate) fn of(self, list: &str, all: usize) {
        let Self { held, departed } = self;
        println!("{list}: {held} of {all} as there, {} as promised here", departed.len());
        for one in &departed {
            println!("  {one}");
        }
        assert_eq!(held + departed.len(), all, "each case of `{list}` is asserted");
        assert!(all > 0, "`{list}` has cases");
    }
}

/// Lists that a test of ours goes through, by file.
const LISTS: [(&str, &[&str]); 4] = [
    ("direct_probes.json", &["cases"]),
    (
        "measurement_limits.json",
        &[
            "metric_state",
            "sequences",
            "run",
            "severity_worse_than",
            "evaluate",
            "web_measurement",
            "validation",
            "scheduling",
            "retention",
            "terminating",
        ],
    ),
    ("kubernetes_rollout.json", &["cases"]),
    ("weighted_objectives.json", &["operator", "target", "analysis"]),
];

/// Kinds of probes' cases that a test of ours goes through, each by a key of its configuration.
const KINDS: [&str; 8] =
    ["http", "tcp", "unix", "grpc", "dns", "websocket", "module_timeout_s", "file"];

#[test]
fn no_list_of_cases_is_left_unlooked_at() {
    for (name, lists) in LISTS {
        let Some(file) = load(name) else { continue };
        for list in file.as_object().unwrap().keys().filter(|key| *key != "meta") {
            assert!(lists.contains(&list.as_str()), "no test goes through `{list}` of {name}");
        }
    }
    let Some(file) = load("direct_probes.json") else { return };
    for (id, case) in cases(&file, "cases") {
        let kinds = KINDS.iter().filter(|kind| !case["config"][**kind].is_null());
        assert_eq!(kinds.count(), 1, "{id} is of one known kind: {}", case["config"]);
    }
}
