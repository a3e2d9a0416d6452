//! What the remote holds, read with plain git.

use serde_json::Value;

use super::World;

impl World {
    /// Returns every ref of the remote with its object.
    pub fn refs(&self) -> String {
        self.git("remote.git", "for-each-ref '--format=%(refname) %(objectname)'")
    }

    /// Returns the names of the remote's tags.
    pub fn tags(&self) -> Vec<String> {
        let told = self.git("remote.git", "for-each-ref '--format=%(refname:short)' refs/tags");
        told.lines().map(ToOwned::to_owned).collect()
    }

    /// Returns the newest stable tag of production, as somebody without lastgood finds it.
    pub fn newest_stable(&self, clone: &str) -> String {
        let asked = "ls-remote --refs --sort=-v:refname origin 'refs/tags/stable/production/*'";
        let told = self.git(clone, asked);
        let first = told.lines().next().unwrap_or_default();
        first.split('\t').nth(1).unwrap_or_default().to_owned()
    }

    /// Returns the events of production in the order of writing.
    pub fn events(&self) -> Vec<Value> {
        let lines = self.lines("refs/notes/lastgood/production");
        let mut events: Vec<Value> =
            lines.iter().filter_map(|line| serde_json::from_str(line).ok()).collect();
        events.sort_by_key(|event| event["id"].as_str().unwrap_or_default().to_owned());
        events
    }

    /// Returns every line of a notes ref of the remote.
    pub fn lines(&self, notes: &str) -> Vec<String> {
        let known = self.git("remote.git", &format!("for-each-ref {notes}"));
        if known.is_empty() {
            return Vec::new();
        }
        let tree = self.git("remote.git", &format!("ls-tree -r --format=%(objectname) {notes}"));
        let texts = tree.lines().map(|blob| self.git("remote.git", &format!("cat-file -p {blob}")));
        texts.flat_map(|text| text.lines().map(ToOwned::to_owned).collect::<Vec<_>>()).collect()
    }

    /// Returns how many events of a type an operation has.
    pub fn count(&self, of: &str, op: &str) -> usize {
        self.events().iter().filter(|event| event["type"] == of && event["op"] == op).count()
    }

    /// Makes sure that no service runs anything else than the ledger says, unless it says so.
    #[track_caller]
    pub fn holds_true(&self, what: &str) {
        let status = self.at("ci").status();
        let unknown = status["unknown"].as_array().cloned().unwrap_or_default();
        let versions = status["current"]["versions"].as_object().cloned().unwrap_or_default();
        for (service, version) in versions {
            let runs = self.running(&service).unwrap_or_default();
            let told = unknown.contains(&Value::String(service.clone()));
            let says = version["version"].as_str().unwrap_or_default();
            assert!(
                told || says == runs,
                "{what}: `{service}` runs `{runs}`, and the ledger says `{says}`\n{status:#}"
            );
        }
    }

    /// Makes every event of production older, as if nobody had done anything for some minutes.
    pub fn age(&self, minutes: i64) {
        let notes = "refs/notes/lastgood/production";
        self.git("seed", &format!("fetch -q origin +{notes}:{notes}"));
        let list = self.git("seed", &format!("notes --ref={notes} list"));
        for (blob, object) in list.lines().filter_map(|line| line.split_once(' ')) {
            let text = self.git("seed", &format!("cat-file -p {blob}"));
            let older: Vec<String> = text.lines().map(|line| older(line, minutes)).collect();
            std::fs::write(self.path("note"), older.join("\n")).unwrap();
            self.git("seed", &format!("notes --ref={notes} add -f -F ../note {object}"));
        }
        self.git("seed", &format!("push -q origin {notes}"));
    }

    /// Adds a line to the anchor's note in the ledger, as a hand with plain git would.
    pub fn write_line(&self, line: &str) {
        std::fs::write(self.path("line"), line).unwrap();
        std::fs::write(self.path("anchor"), "lastgood production\n").unwrap();
        let anchor = self.git("seed", "hash-object -w ../anchor");
        self.git("seed", "fetch -q origin +refs/notes/lastgood/*:refs/notes/lastgood/*");
        let append = "notes --ref=lastgood/production append --allow-empty -F ../line";
        self.git("seed", &format!("{append} {anchor}"));
        self.git("seed", "push -q origin refs/notes/lastgood/production");
    }
}

fn older(line: &str, minutes: i64) -> String {
    let mut event: Value = serde_json::from_str(line).unwrap();
    for moment in ["at", "not_before", "expires"] {
        let Some(at) = event.get_mut(moment) else { continue };
        let earlier: jiff::Timestamp = at.as_str().unwrap().parse().unwrap();
        *at = (earlier - jiff::SignedDuration::from_mins(minutes)).to_string().into();
    }
    let id: ulid::Ulid = event["id"].as_str().unwrap().parse().unwrap();
    let earlier = id.timestamp_ms() - u64::try_from(minutes).unwrap() * 60_000;
    event["id"] = ulid::Ulid::from_parts(earlier, id.random()).to_string().into();
    event.to_string()
}
