//! Brings a service to a release folder, under a systemd unit.

use std::path::PathBuf;

use async_trait::async_trait;
use schemars::JsonSchema;
use serde::Deserialize;

use super::surroundings::Surroundings;
use crate::adapters::process::{Program, Trouble};
use crate::domain::duration::Span;
use crate::domain::sighting::Sighting;
use crate::domain::text;
use crate::error::{Error, Result};
use crate::ports::{Availability, Drive, Driven, Driver, Running, Site};

mod place;
mod process;
mod restart;
mod state;
mod stop;
mod written;

pub use written::{ReleaseName, Unit};

use place::{Linked, Place, Written};
use process::Process;
use state::State;

/// The time that switching may take when nobody says.
const TIMEOUT: Span = Span::mins(2);

/// How long a unit must stay active when nobody says.
const STAY: Span = Span::secs(2);

/// The longest foreign word in a message, in characters.
const WORD: usize = 100;

/// Switches a symbolic link to the version's release folder, restarts a unit of systemd, and waits until it is active and stays so.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "SystemdDriver")]
pub struct Settings {
    /// The unit: `shop`, which is `shop.service`, or `shop@blue`.
    pub unit: Unit,
    /// The folder that holds a folder for each release, relative to the configuration's.
    pub releases: PathBuf,
    /// The symbolic link that the unit runs from; `current` beside `releases` unless given.
    #[serde(default)]
    pub current: Option<PathBuf>,
    /// The name of a version's folder in `releases`; `{version}` unless given.
    #[serde(default)]
    pub release: ReleaseName,
    /// Whether the unit is restarted (the default), or reloaded where it can be.
    #[serde(default)]
    pub action: Action,
    /// Whether the unit is the system's (the default) or the user's own.
    #[serde(default)]
    pub scope: Scope,
    /// A drop-in of the unit that lastgood keeps; it sets `LASTGOOD_VERSION` for what the unit starts.
    #[serde(default)]
    #[schemars(example = &"/etc/systemd/system/shop.service.d/lastgood.conf")]
    pub drop_in: Option<PathBuf>,
    /// How long the unit must stay active afterwards; `2s` unless given.
    #[serde(default = "usual_stay")]
    pub stay: Span,
    /// The time that each command has, and the unit to become active; `2m` unless given.
    #[serde(default = "usual_timeout")]
    pub timeout: Span,
}

/// What is done to the unit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Action {
    /// It is stopped and started.
    #[default]
    Restart,
    /// It reads its settings again, or is restarted where it cannot.
    Reload,
}

/// Whose systemd it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Scope {
    /// The system's.
    #[default]
    System,
    /// That of the user who runs lastgood.
    User,
}

fn usual_timeout() -> Span {
    TIMEOUT
}

fn usual_stay() -> Span {
    STAY
}

/// Brings a service to a version by a release folder and a unit.
pub struct SystemdDriver {
    settings: Settings,
    around: Surroundings,
    systemctl: Program,
    place: Place,
}

/// Makes the driver.
pub fn connect(settings: Settings, around: Surroundings) -> SystemdDriver {
    let systemctl = around.program("systemctl");
    with(systemctl, settings, around)
}

fn with(systemctl: Program, settings: Settings, around: Surroundings) -> SystemdDriver {
    let place = Place::new(&settings, &around.folder);
    let systemctl = systemctl.timeout(settings.timeout.get());
    SystemdDriver { settings, around, systemctl, place }
}

#[async_trait]
impl Driver for SystemdDriver {
    fn plan(&self, drive: &Drive) -> Vec<String> {
        let Ok(name) = self.settings.release.of(&drive.to.version) else {
            let version = text::clean(&drive.to.version, WORD);
            return vec![format!("run nothing: `{version}` can be no name of a folder")];
        };
        let command = |args: &[String]| self.systemctl.shown(args);
        let tell = self.place.told(&drive.to.version).map(|written| {
            let reload = command(&self.args(&["daemon-reload"]));
            [written, format!("{reload} # where the drop-in changed")]
        });
        let remark = match self.settings.action {
            Action::Restart => " # unless it runs from there already",
            Action::Reload => "",
        };
        let acts = [self.forget(), self.act()].map(|args| format!("{}{remark}", command(&args)));
        let again = self.place.was_enabled().then(|| command(&self.enable()));
        let lines = tell.into_iter().flatten().chain([self.place.switched(&name)]).chain(acts);
        let lines = lines.chain(again);
        lines.map(|line| text::clean(&line, usize::MAX)).collect()
    }

    async fn current(&self, site: &Site) -> Result<Running> {
        let doing = || format!("could not see what runs of `{}`", site.service);
        let state = self.state().await.map_err(|trouble| self.explained(doing(), &trouble))?;
        if !state.is_active() {
            return Ok(Running::Nothing);
        }
        Ok(match self.seen(&state) {
            Some(version) => {
                Running::Seen(Sighting { version: Some(version), ..Sighting::default() })
            }
            None => Running::Untold,
        })
    }

    async fn available(&self, drive: &Drive) -> Result<Availability> {
        let release = self.settings.release.of(&drive.to.version);
        Ok(match release.and_then(|name| self.place.release(&name)) {
            Ok(_) => Availability::There,
            Err(why) => Availability::Missing(why),
        })
    }

    async fn apply(&self, drive: &Drive) -> Result<Driven> {
        let name = self.settings.release.of(&drive.to.version).map_err(|why| failed(drive, why))?;
        let release = self.place.release(&name).map_err(|why| {
            failed(drive, why)
                .hint("put the release there first, or name another target with `--to`")
        })?;
        let before = self.known(drive).await?;
        let told = self.tell(drive, &before).await?;
        let linked = self.place.switch(&release).map_err(|why| failed(drive, why))?;
        let there = (told, linked) == (Written::Same, Linked::Same);
        if there && self.runs_already(&before, &name, drive) {
            self.enabled_again(drive).await?;
            return Ok(Driven { message: format!("`{}` runs it already", self.settings.unit) });
        }
        self.restarted(drive).await?;
        let state = self.stays(drive).await?;
        self.enabled_again(drive).await?;
        Ok(Driven { message: format!("`{}` is {}", self.settings.unit, state.shown()) })
    }

    fn plan_removal(&self, _: &Drive) -> Result<Vec<String>> {
        let disable = self.systemctl.shown(&self.disable());
        let disable = format!("{disable} # where it starts with the machine");
        let lines = [disable, self.systemctl.shown(&self.halt())];
        Ok(lines.map(|line| text::clean(&line, usize::MAX)).into())
    }

    async fn remove(&self, drive: &Drive) -> Result<Driven> {
        self.stopped(drive).await
    }
}

impl SystemdDriver {
    fn args(&self, args: &[&str]) -> Vec<String> {
        let scope = match self.settings.scope {
            Scope::System => None,
            Scope::User => Some("--user"),
        };
        scope.iter().chain(args).map(|&arg| arg.to_owned()).collect()
    }

    fn act(&self) -> Vec<String> {
        let verb = match self.settings.action {
            Action::Restart => "restart",
            Action::Reload => "reload-or-restart",
        };
        self.args(&[verb, "--", self.settings.unit.as_str()])
    }

    /// One that crashed too often is not started again before that is forgotten.
    fn forget(&self) -> Vec<String> {
        self.args(&["reset-failed", "--", self.settings.unit.as_str()])
    }

    async fn state(&self) -> Result<State, Trouble> {
        let asked = format!("--property={}", state::ASKED);
        let show = self.args(&["show", "--no-pager", &asked, "--", self.settings.unit.as_str()]);
        State::read(&self.systemctl.run(&show).await?)
            .map_err(|missing| Trouble::Broken(format!("it did not tell `{missing}`")))
    }

    /// Returns how the unit is before anything is touched.
    async fn known(&self, drive: &Drive) -> Result<State> {
        let doing = || format!("could not ask for the unit `{}`", self.settings.unit);
        let state = self.state().await.map_err(|trouble| self.explained(doing(), &trouble))?;
        match state.unloaded(self.settings.unit.as_str()) {
            None => Ok(state),
            Some(why) => {
                Err(failed(drive, why).hint("install the unit first; it runs from the link"))
            }
        }
    }

    /// Writes the version into the drop-in, and makes sure that systemd reads it.
    async fn tell(&self, drive: &Drive, before: &State) -> Result<Written> {
        let Some(drop_in) = self.place.drop_in() else { return Ok(Written::Same) };
        let written = self.place.tell(&drive.to.version).map_err(|why| failed(drive, why))?;
        // Whoever was stopped between writing and reloading left that to us.
        if written == Written::Anew || before.is_stale() {
            let reloaded = self.systemctl.run(&self.args(&["daemon-reload"])).await;
            let doing = || "could not make systemd read the drop-in".to_owned();
            reloaded.map_err(|trouble| self.explained(doing(), &trouble))?;
        }
        let state = self.known(drive).await?;
        if state.reads(&drop_in) {
            return Ok(written);
        }
        let (unit, drop_in) = (&self.settings.unit, drop_in.display());
        Err(failed(drive, format!("`{drop_in}` is no drop-in of `{unit}`"))
            .hint("write `drop_in` like `/etc/systemd/system/shop.service.d/lastgood.conf`"))
    }

    /// Only what the process itself shows is believed: the link may be newer than it.
    fn runs_already(&self, before: &State, name: &str, drive: &Drive) -> bool {
        let process = Process::of(before.pid, self.place.releases());
        let told = self.settings.drop_in.is_none() || process.told() == Some(&drive.to.version);
        let restarts = self.settings.action == Action::Restart;
        restarts && before.is_active() && told && process.release() == Some(name)
    }

    /// Returns the version that the process runs from, else the one that the link shows.
    fn seen(&self, state: &State) -> Option<String> {
        let version_of = |name: &str| self.settings.release.version_of(name);
        let linked = || self.place.linked().map(|linked| version_of(&linked));
        if self.settings.action == Action::Reload {
            return linked();
        }
        let process = Process::of(state.pid, self.place.releases());
        let release = process.release().map(version_of);
        release.or_else(|| process.told().map(str::to_owned)).or_else(linked)
    }

    fn not_active(&self, drive: &Drive, why: &str) -> Error {
        let unit = &self.settings.unit;
        let journal = match self.settings.scope {
            Scope::System => "journalctl",
            Scope::User => "journalctl --user",
        };
        failed(drive, why.to_owned()).hint(format!("see `{journal} -n 50 -u {unit}`"))
    }

    fn explained(&self, doing: String, trouble: &Trouble) -> Error {
        self.systemctl.failed(doing, trouble)
    }
}

fn failed(drive: &Drive, why: String) -> Error {
    let (service, version) = (&drive.service, text::clean(&drive.to.version, WORD));
    Error::failed(format!("could not bring `{service}` to version `{version}`")).because(why)
}

#[cfg(test)]
mod tests;
