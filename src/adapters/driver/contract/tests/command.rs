//! The command driver, whose every call is the user's own.

use std::os::unix::fs::PermissionsExt as _;

use super::*;
use crate::adapters::driver::command;

/// Writes the version down, and when it had to.
const DEPLOY: &str = r#"#!/bin/sh
cd "$(dirname "$0")"
[ "$LASTGOOD_VERSION" = "$(cat version 2>/dev/null)" ] || echo >>began
printf '%s' "$LASTGOOD_VERSION" >version
"#;

/// Takes away what was written down.
const CLEANUP: &str = r#"#!/bin/sh
cd "$(dirname "$0")"
rm -f version
"#;

struct Script {
    folder: TempDir,
}

#[async_trait]
impl Stage for Script {
    fn driver(&self, program: &str, timeout: Duration) -> Box<dyn Driver> {
        let timeout = format!("{}ms", timeout.as_millis());
        let cleanup = self.folder.path().join("cleanup");
        let settings =
            serde_json::json!({ "run": [program], "cleanup": [cleanup], "timeout": timeout });
        Box::new(command::connect(
            serde_json::from_value(settings).unwrap(),
            given::around(self.folder.path()),
        ))
    }

    fn program(&self) -> Option<String> {
        Some(self.folder.path().join("deploy").display().to_string())
    }

    fn changing(&self) -> &'static [&'static str] {
        &[]
    }

    fn folder(&self) -> &Path {
        self.folder.path()
    }

    async fn runs(&self) -> Option<String> {
        std::fs::read_to_string(self.folder.path().join("version")).ok()
    }

    async fn incarnation(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("began")).unwrap_or_default()
    }
}

#[tokio::test]
async fn a_command_that_sets_a_state_keeps_what_every_driver_promises() {
    let folder = tempfile::tempdir().unwrap();
    for (name, script) in [("deploy", DEPLOY), ("cleanup", CLEANUP)] {
        let script_file = folder.path().join(name);
        std::fs::write(&script_file, script).unwrap();
        let mode = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(&script_file, mode).unwrap();
    }
    keeps(&Script { folder }).await;
}
