//! systemd itself, with a unit that is gone with the test.

use super::*;
use crate::adapters::process::Run;

/// A unit of ours that runs from a link, in a folder of its own.
struct Unit {
    name: String,
    folder: TempDir,
    units: std::path::PathBuf,
    user: bool,
}

async fn systemctl(user: bool, args: &[&str]) -> String {
    let scope = user.then_some("--user");
    let run = Run::new("systemctl").args(scope).args(args.iter().copied());
    run.finish().await.map(|ran| ran.stdout.text().trim().to_owned()).unwrap_or_default()
}

impl Unit {
    /// Makes a unit of the system's or, for who is not root, of his own; none where systemd does not run.
    async fn new(what: &str, text: &str) -> Option<Self> {
        let id = Run::new("id").arg("-u").finish().await.unwrap().stdout.text();
        let user = id.trim() != "0";
        let units = systemctl(user, &["show", "--property=UnitPath", "--value"]).await;
        let wanted = if user { "/systemd/user" } else { "/run/systemd/system" };
        let mut units = units.split_whitespace();
        let fits = |path: &&str| path.starts_with("/run") && path.ends_with(wanted);
        let Some(units) = units.find(fits) else {
            crate::domain::vectors::skipped(
                "systemd does not run here, so no real unit can be driven",
            );
            return None;
        };
        let folder = tempfile::tempdir().unwrap();
        let name = format!("lastgood-driver-{what}-{}.service", std::process::id());
        let unit = Self { name, folder, units: units.into(), user };
        let text = text.replace("/srv/shop", &unit.folder.path().display().to_string());
        std::fs::create_dir_all(&unit.units).unwrap();
        std::fs::write(unit.units.join(&unit.name), text).unwrap();
        for version in ["1.0", "2.0"] {
            release(&unit.folder.path().join("releases"), version);
        }
        systemctl(user, &["daemon-reload"]).await;
        Some(unit)
    }

    fn settings(&self) -> Settings {
        let drop_in = self.units.join(format!("{}.d/lastgood.conf", self.name));
        let scope = if self.user { "user" } else { "system" };
        let settings = json!({
            "unit": self.name, "releases": "releases", "scope": scope, "drop_in": drop_in,
            "stay": "300ms", "timeout": "20s",
        });
        serde_json::from_value(settings).unwrap()
    }

    fn usual(&self) -> SystemdDriver {
        connect(self.settings(), around(self.folder.path()))
    }

    async fn property(&self, name: &str) -> String {
        let property = format!("--property={name}");
        systemctl(self.user, &["show", &property, "--value", "--", &self.name]).await
    }

    async fn gone(&self) {
        systemctl(self.user, &["stop", "--", &self.name]).await;
        std::fs::remove_file(self.units.join(&self.name)).unwrap();
        let _ = std::fs::remove_dir_all(self.units.join(format!("{}.d", self.name)));
        systemctl(self.user, &["daemon-reload"]).await;
        systemctl(self.user, &["reset-failed", "--", &self.name]).await;
    }
}

#[async_trait]
impl Stage for Unit {
    fn driver(&self, program: &str, timeout: Duration) -> Box<dyn Driver> {
        let timeout = Span::millis(timeout.as_millis().try_into().unwrap());
        let around = around(self.folder.path());
        let settings = Settings { timeout, ..self.settings() };
        Box::new(with(around.program(program), settings, around))
    }

    fn program(&self) -> Option<String> {
        Some("systemctl".to_owned())
    }

    fn changing(&self) -> &'static [&'static str] {
        &["restart", "daemon-reload", "reset-failed"]
    }

    fn folder(&self) -> &Path {
        self.folder.path()
    }

    async fn drive(&self, to: &str, from: Option<&str>) -> Drive {
        release(&self.folder.path().join("releases"), to);
        drive(to, from)
    }

    async fn runs(&self) -> Option<String> {
        let pid = self.property("MainPID").await;
        let environ = std::fs::read(format!("/proc/{pid}/environ")).ok()?;
        let environ = String::from_utf8(environ).unwrap();
        let told = environ.split('\0').find_map(|line| line.strip_prefix("LASTGOOD_VERSION="));
        told.map(str::to_owned)
    }

    async fn incarnation(&self) -> String {
        self.property("InvocationID").await
    }
}

/// The unit that our examples show, which runs from `/srv/shop/current`.
const STEADY: &str = include_str!("../../../../../examples/systemd/shop.service");

#[tokio::test]
async fn systemd_itself_keeps_what_every_driver_promises() {
    let Some(unit) = Unit::new("steady", STEADY).await else { return };
    keeps(&unit).await;
    unit.gone().await;
}

#[tokio::test]
async fn a_release_that_crashes_is_told_and_the_one_before_comes_back() {
    let crashing = STEADY.replace("Restart=on-failure", "Restart=always\nRestartSec=10ms");
    let Some(unit) = Unit::new("crashing", &crashing).await else { return };
    let driver = unit.usual();
    driver.apply(&drive("1.0", None)).await.unwrap();
    executable(&unit.folder.path().join("releases/2.0/shop"), "#!/bin/sh\nexit 3\n");
    let two = drive("2.0", Some("1.0"));
    let error = driver.apply(&two).await.unwrap_err();
    let why = error.whole();
    assert!(why.contains("exit-code") || why.contains("was started again"), "{why}");
    // It has crashed so often that systemd would not start it again.
    while unit.property("ActiveState").await != "failed" {}
    driver.undo(&two).await.unwrap();
    assert_eq!(unit.runs().await.as_deref(), Some("1.0"));
    unit.gone().await;
    let error = driver.apply(&drive("2.0", None)).await.unwrap_err();
    assert!(error.whole().contains("systemd knows no unit"), "{error}");
    assert_eq!(driver.current(&two.site()).await.unwrap(), Running::Nothing);
}

#[tokio::test]
async fn a_unit_that_can_is_reloaded_and_keeps_its_process() {
    let reloading = STEADY.replace("Restart=on-failure", "ExecReload=/bin/true");
    let Some(unit) = Unit::new("reloading", &reloading).await else { return };
    let settings = Settings { action: Action::Reload, drop_in: None, ..unit.settings() };
    let driver = connect(settings, around(unit.folder.path()));
    driver.apply(&drive("1.0", None)).await.unwrap();
    let pid = unit.property("MainPID").await;
    let two = drive("2.0", Some("1.0"));
    driver.apply(&two).await.unwrap();
    assert_eq!(unit.property("MainPID").await, pid);
    let seen = Sighting { version: Some("2.0".to_owned()), ..Sighting::default() };
    assert_eq!(driver.current(&two.site()).await.unwrap(), Running::Seen(seen));
    unit.gone().await;
}

#[tokio::test]
async fn a_drop_in_that_systemd_does_not_read_is_refused_before_anything_is_switched() {
    let Some(unit) = Unit::new("elsewhere", STEADY).await else { return };
    let drop_in = Some(unit.folder.path().join("lastgood.conf"));
    let settings = Settings { drop_in, ..unit.settings() };
    let driver = connect(settings, around(unit.folder.path()));
    let error = driver.apply(&drive("1.0", None)).await.unwrap_err();
    assert!(error.whole().contains("is no drop-in of"), "{error}");
    assert!(!unit.folder.path().join("current").exists());
    unit.gone().await;
}

#[tokio::test]
async fn a_unit_that_starts_with_the_machine_does_so_again_after_it_was_stopped() {
    let Some(unit) = Unit::new("enabled", STEADY).await else { return };
    let driver = unit.usual();
    let one = drive("1.0", None);
    driver.apply(&one).await.unwrap();
    driver.remove(&one).await.unwrap();
    driver.apply(&one).await.unwrap();
    assert_eq!(unit.property("UnitFileState").await, "disabled", "it was not enabled before");
    systemctl(unit.user, &["enable", "--", &unit.name]).await;
    assert_eq!(unit.property("UnitFileState").await, "enabled");
    for _ in ["once", "twice"] {
        driver.remove(&one).await.unwrap();
        assert_eq!(driver.current(&one.site()).await.unwrap(), Running::Nothing);
        assert_eq!(unit.property("UnitFileState").await, "disabled");
    }
    driver.apply(&one).await.unwrap();
    assert_eq!(unit.runs().await.as_deref(), Some("1.0"));
    assert_eq!(unit.property("UnitFileState").await, "enabled");
    driver.apply(&one).await.unwrap();
    systemctl(unit.user, &["disable", "--", &unit.name]).await;
    driver.apply(&drive("2.0", Some("1.0"))).await.unwrap();
    assert_eq!(unit.property("UnitFileState").await, "disabled", "a person's word is kept");
    unit.gone().await;
}
