//! A stand-in for Helm, with its releases in a file.

use std::os::unix::fs::PermissionsExt as _;

use super::*;

/// It answers as the source of Helm 3 says; Helm itself is asked in `real.rs`.
const HELM: &str = include_str!("helm");

/// A folder with the stand-in, a chart, and all that is told.
pub(super) struct Stand {
    folder: TempDir,
    pub lines: Lines,
}

impl Stand {
    /// Returns none, and says so, where there is no Python to run it.
    pub(super) fn new() -> Option<Self> {
        // By its own path it begins sooner than by that of whatever chooses among several.
        let asked = ["-c", "import sys; print(sys.executable)"];
        let python = std::process::Command::new("python3").args(asked).output();
        let Some(python) = python.ok().filter(|ran| ran.status.success()) else {
            skipped("the `helm` driver with its stand-in: no `python3` was found");
            return None;
        };
        let python = String::from_utf8(python.stdout).unwrap();
        let stand = Self { folder: tempfile::tempdir().unwrap(), lines: Lines::default() };
        stand.write("helm", &format!("#!{} -SE\n{HELM}", python.trim()));
        let mode = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(stand.path().join("helm"), mode).unwrap();
        stand.chart("chart", "0.1.0", "1.16.0");
        Some(stand)
    }

    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(super) fn program(&self) -> String {
        self.path().join("helm").display().to_string()
    }

    pub(super) fn write(&self, name: &str, text: &str) {
        let file = self.path().join(name);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
    }

    /// Puts a chart there.
    pub(super) fn chart(&self, folder: &str, version: &str, app: &str) {
        let meta = format!("apiVersion: v2\nname: shop\nversion: {version}\nappVersion: {app}\n");
        self.write(&format!("{folder}/Chart.yaml"), &meta);
    }

    /// Returns the driver of a release `shop` whose chart takes the version as `image.tag`.
    pub(super) fn driver(&self) -> HelmDriver {
        self.with(&json!({ "chart": "./chart", "set": "image.tag" }))
    }

    pub(super) fn with(&self, settings: &Value) -> HelmDriver {
        let settings: Settings = serde_json::from_value(settings.clone()).unwrap();
        assert_eq!(settings.mistake(), None);
        let around = around(self.path(), &self.lines);
        with(around.program(&self.program()), settings, around)
    }

    /// Returns all revisions as Helm has them.
    pub(super) fn revisions(&self) -> Vec<Value> {
        let text = std::fs::read_to_string(self.path().join("releases.json"));
        let state: Value = text.map_or(Value::Null, |text| serde_json::from_str(&text).unwrap());
        state["default/shop"].as_array().cloned().unwrap_or_default()
    }

    /// Returns each revision as `NUMBER STATUS VERSION`.
    pub(super) fn story(&self) -> Vec<String> {
        let told = |it: &Value| {
            let status = it["status"].as_str().unwrap();
            format!("{} {status} {}", it["revision"], tag(it).unwrap_or_default())
        };
        self.revisions().iter().map(told).collect()
    }

    /// Returns how the newest revision is described.
    pub(super) fn described(&self) -> String {
        self.revisions().last().unwrap()["description"].as_str().unwrap().to_owned()
    }

    /// Has somebody else's `helm` make a revision.
    pub(super) fn by_hand(&self, status: &str, tag: &str, description: &str) {
        let mut all = self.revisions();
        if status == "deployed" {
            for it in all.iter_mut().filter(|it| it["status"] == "deployed") {
                it["status"] = json!("superseded");
            }
        }
        let number = all.last().map_or(0, |it| it["revision"].as_u64().unwrap());
        let values = if tag.is_empty() { json!({}) } else { json!({ "image": { "tag": tag } }) };
        all.push(json!({
            "revision": number + 1, "updated": "2026-01-02T03:04:05Z", "status": status,
            "chart": "shop-0.1.0", "app_version": "1.16.0", "description": description,
            "values": values,
        }));
        self.write("releases.json", &json!({ "default/shop": all }).to_string());
    }
}

pub(super) fn tag(revision: &Value) -> Option<String> {
    revision["values"]["image"]["tag"].as_str().map(str::to_owned)
}
