//! A stand-in for `kubectl` that tells what a real server told.

use std::os::unix::fs::PermissionsExt as _;

use super::*;

const DONE: &str = include_str!("../../../probe/kubernetes/tests/answers/deployment-done.json");
const LATE: &str = include_str!("../../../probe/kubernetes/tests/answers/deployment-late.json");
const PODS: &str =
    include_str!("../../../probe/kubernetes/tests/answers/deployment-late-pods.json");

/// Tells `now.json`; after a patch `after-1.json`, then `after-2.json` for good.
const KUBECTL: &str = r#"#!/bin/sh
case "$*" in
  *--dry-run=server*) cat >checked; exit 0 ;;
  patch*) cat >patched; cp after-1.json now.json; exit 0 ;;
  "get pods"*) cat pods.json; exit 0 ;;
esac
if [ -e patched ] && [ -e away ]; then rm away; echo "The connection to the server was refused" >&2; exit 1; fi
cat now.json
if [ -e patched ]; then cp after-2.json now.json; fi
"#;

/// Returns an answer with this image and version in it.
fn answer(of: &str, generation: u64, version: &str) -> String {
    let mut answer: Value = serde_json::from_str(of).unwrap();
    let template = &mut answer["spec"]["template"];
    template["spec"]["containers"][0]["image"] = json!(format!("shop:{version}"));
    template["metadata"]["annotations"]["lastgood.dev/version"] = json!(version);
    answer["metadata"]["generation"] = json!(generation);
    answer["status"]["observedGeneration"] = json!(generation);
    answer.to_string()
}

struct Stand {
    folder: TempDir,
    lines: Lines,
}

impl Stand {
    fn new(now: &str, after: [&str; 2]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let write =
            |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        write("now.json", now);
        write("after-1.json", after[0]);
        write("after-2.json", after[1]);
        write("pods.json", PODS);
        write("kubectl", KUBECTL);
        let mode = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(folder.path().join("kubectl"), mode).unwrap();
        Self { folder, lines: Lines::default() }
    }

    async fn apply(&self, to: &str) -> Result<Driven> {
        let settings = json!({ "resource": "deployment/shop", "image": "shop:{version}" });
        let around = given::telling(self.folder.path(), &self.lines);
        let kubectl = around.program(&self.folder.path().join("kubectl").display().to_string());
        let driver = with(kubectl, serde_json::from_value(settings).unwrap(), around);
        driver.apply(&drive(version(to, None), None)).await
    }

    fn read(&self, name: &str) -> Option<Value> {
        let text = std::fs::read_to_string(self.folder.path().join(name)).ok()?;
        Some(serde_json::from_str(&text).unwrap())
    }
}

#[tokio::test]
async fn what_was_checked_is_what_is_changed_and_its_end_is_waited_for() {
    let unseen = {
        let mut unseen: Value = serde_json::from_str(&answer(DONE, 8, "2.0")).unwrap();
        unseen["status"]["observedGeneration"] = json!(7);
        unseen.to_string()
    };
    let stand = Stand::new(&answer(DONE, 7, "1.0"), [&unseen, &answer(DONE, 8, "2.0")]);
    let driven = stand.apply("2.0").await.unwrap();
    assert_eq!(driven.message, "deployment \"shop\" successfully rolled out");
    assert!(stand.read("checked").is_some());
    assert_eq!(stand.read("checked"), stand.read("patched"));
    assert_eq!(
        *stand.lines.lock().unwrap(),
        ["shop | Waiting for deployment spec update to be observed..."]
    );
}

#[tokio::test]
async fn a_stalled_rollout_is_an_error_but_not_the_one_before_it() {
    let stalled = answer(LATE, 8, "2.0");
    let stand = Stand::new(&answer(DONE, 7, "1.0"), [&stalled, &stalled]);
    let error = stand.apply("2.0").await.unwrap_err().whole();
    assert!(error.contains("exceeded its progress deadline (pod `shop-"), "{error}");
    assert!(error.ends_with("ImagePullBackOff)"), "{error}");
    // Of the way back the old verdict is told until it makes progress.
    let stand = Stand::new(&stalled, [&answer(LATE, 9, "1.0"), &answer(DONE, 9, "1.0")]);
    stand.apply("1.0").await.unwrap();
    // Nothing is changed, so the verdict is its own.
    let stand = Stand::new(&stalled, [&stalled, &stalled]);
    stand.apply("2.0").await.unwrap_err();
}

#[tokio::test]
async fn a_server_that_is_away_for_a_moment_stops_no_rollout() {
    let stand = Stand::new(&answer(DONE, 7, "1.0"), [&answer(DONE, 8, "2.0"), "{}"]);
    let away = stand.folder.path().join("away");
    std::fs::write(&away, "").unwrap();
    stand.apply("2.0").await.unwrap();
    assert!(!away.exists());
}

#[tokio::test]
async fn somebody_elses_change_in_between_is_seen() {
    let stand = Stand::new(&answer(DONE, 7, "1.0"), [&answer(DONE, 9, "3.0"), "{}"]);
    let error = stand.apply("2.0").await.unwrap_err().whole();
    assert_eq!(
        error,
        "could not bring `shop` to version `2.0`: \
         Deployment `shop` has image `shop:3.0` in its place by now"
    );
}
