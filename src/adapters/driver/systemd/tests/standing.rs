//! Whole switches, with a script in systemd's place.

use super::*;

/// Starts `shop` from the link, and tells of it in systemd's words; `$0` lies in the stage's folder.
const SYSTEMCTL: &str = r#"#!/bin/sh
cd "$(dirname "$0")"
pid=$(cat pid 2>/dev/null)
runs() { [ -n "$pid" ] && kill -0 "$pid" 2>/dev/null; }
case "$1" in
  daemon-reload) touch reloaded ;;
  reset-failed) echo "Failed to reset failed state: Unit shop.service not loaded." >&2; exit 1 ;;
  restart)
    [ ! -e refuses ] || { echo "Job for shop.service failed." >&2; exit 1; }
    ! runs || kill "$pid"
    version=$(sed -n 's/^Environment="LASTGOOD_VERSION=\(.*\)"$/\1/p' a.conf | sed 's/%%/%/g; s/\\\(.\)/\1/g')
    cd -P current && LASTGOOD_VERSION=$version setsid ./shop >/dev/null 2>&1 </dev/null &
    echo "$!" >pid ;;
  stop) ! runs || kill "$pid"; rm -f pid ;;
  enable) echo enabled >file ;;
  disable) echo disabled >file ;;
  show)
    [ ! -e crashes ] || echo >>looks
    if runs; then state=active sub=running; else state=inactive sub=dead pid=0; fi
    printf 'Result=success\nNRestarts=%s\nMainPID=%s\nLoadState=loaded\nActiveState=%s\nSubState=%s\n' \
      "$(wc -l <looks)" "$pid" "$state" "$sub"
    printf 'NeedDaemonReload=no\nDropInPaths=%s\n' "$([ ! -e reloaded ] || echo "$PWD/a.conf")"
    printf 'UnitFileState=%s\n' "$(cat file 2>/dev/null)" ;;
esac
"#;

struct Standing {
    folder: TempDir,
}

impl Standing {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        executable(&folder.path().join("systemctl"), SYSTEMCTL);
        std::fs::write(folder.path().join("looks"), "").unwrap();
        for version in ["1.0", "2.0"] {
            release(&folder.path().join("releases"), version);
        }
        Self { folder }
    }

    fn usual(&self) -> Box<dyn Driver> {
        self.driver(&self.program().unwrap(), Duration::from_mins(1))
    }

    fn pid(&self) -> Option<String> {
        let pid = std::fs::read_to_string(self.folder().join("pid")).ok()?;
        Some(pid.trim().to_owned())
    }
}

impl Drop for Standing {
    fn drop(&mut self) {
        let Some(pid) = self.pid() else { return };
        let _ = std::process::Command::new("kill").arg(pid).status();
    }
}

#[async_trait]
impl Stage for Standing {
    fn driver(&self, program: &str, timeout: Duration) -> Box<dyn Driver> {
        let settings = json!({
            "unit": "shop", "releases": "releases", "drop_in": "a.conf", "stay": "1ms",
        });
        let settings: Settings = serde_json::from_value(settings).unwrap();
        let timeout = Span::millis(timeout.as_millis().try_into().unwrap());
        let around = around(self.folder());
        Box::new(with(around.program(program), Settings { timeout, ..settings }, around))
    }

    fn program(&self) -> Option<String> {
        Some(self.folder().join("systemctl").display().to_string())
    }

    fn changing(&self) -> &'static [&'static str] {
        &["restart", "daemon-reload", "reset-failed"]
    }

    fn folder(&self) -> &Path {
        self.folder.path()
    }

    async fn drive(&self, to: &str, from: Option<&str>) -> Drive {
        release(&self.folder().join("releases"), to);
        drive(to, from)
    }

    async fn runs(&self) -> Option<String> {
        let environ = std::fs::read(format!("/proc/{}/environ", self.pid()?)).ok()?;
        let environ = String::from_utf8(environ).unwrap();
        let told = environ.split('\0').find_map(|line| line.strip_prefix("LASTGOOD_VERSION="));
        told.map(str::to_owned)
    }

    async fn incarnation(&self) -> String {
        self.pid().unwrap_or_default()
    }
}

#[tokio::test]
async fn systemd_keeps_what_every_driver_promises() {
    keeps(&Standing::new()).await;
}

#[tokio::test]
async fn whoever_takes_over_restarts_what_was_switched_and_not_restarted() {
    let standing = Standing::new();
    let driver = standing.usual();
    driver.apply(&drive("1.0", None)).await.unwrap();
    let pid = standing.pid();
    std::fs::write(standing.folder().join("refuses"), "").unwrap();
    let two = drive("2.0", Some("1.0"));
    let error = driver.apply(&two).await.unwrap_err();
    assert!(error.whole().contains("Job for shop.service failed."), "{error}");
    assert_eq!(error.hints(), ["see `journalctl -n 50 -u shop`"]);
    // The link shows what does not run yet; the process is what is told.
    let link = std::fs::read_link(standing.folder().join("current")).unwrap();
    assert!(link.ends_with("releases/2.0"), "{}", link.display());
    let seen = |version: &str| {
        Running::Seen(Sighting { version: Some(version.to_owned()), ..Sighting::default() })
    };
    assert_eq!(driver.current(&two.site()).await.unwrap(), seen("1.0"));
    assert_eq!(standing.pid(), pid);
    std::fs::remove_file(standing.folder().join("refuses")).unwrap();
    driver.apply(&two).await.unwrap();
    assert_eq!(driver.current(&two.site()).await.unwrap(), seen("2.0"));
}

#[tokio::test]
async fn one_that_was_started_again_by_itself_is_not_well() {
    let standing = Standing::new();
    std::fs::write(standing.folder().join("crashes"), "").unwrap();
    let error = standing.usual().apply(&drive("1.0", None)).await.unwrap_err();
    assert_eq!(
        error.whole(),
        "could not bring `web` to version `1.0`: `shop` ended and was started again"
    );
}
