//! Brings a service to a version by a release of Helm.

use std::path::PathBuf;

use async_trait::async_trait;
use schemars::JsonSchema;
use serde::Deserialize;

use super::compose::Files;
use super::surroundings::Surroundings;
use crate::adapters::kubernetes::Namespace;
use crate::adapters::process::Program;
use crate::domain::duration::Span;
use crate::domain::names::Service;
use crate::domain::text;
use crate::error::{Error, Result};
use crate::ports::{Action, Availability, Drive, Driven, Driver, Running, Site};

mod carry;
mod commands;
mod filled;
mod history;
mod look;
mod value;
mod written;

pub use filled::Filled;
pub use value::Sets;
pub use written::{Chart, ChartVersion, Flag, ProgramName, Release};

/// The time that Helm waits when nobody says; as long as Helm itself would.
const WAIT: Span = Span::mins(5);

/// How often that time fits into a command's: before hooks, the wait, and hooks after it.
const WAITS: u32 = 3;

/// The longest foreign word in a message, in characters.
const WORD: usize = 100;

/// Upgrades a release to the version by `helm upgrade --install`, and goes back by `helm rollback` to the revision that held it.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "HelmDriver")]
pub struct Settings {
    /// The release; the service's own name unless given.
    #[serde(default)]
    pub release: Option<Release>,
    /// The chart: a path relative to the configuration's folder, `repository/chart` or `oci://…`; without one it only goes back.
    #[serde(default)]
    pub chart: Option<Chart>,
    /// The chart's version: fixed, or one for each version by `{version}`; the newest unless given.
    #[serde(default)]
    pub chart_version: Option<ChartVersion>,
    /// The address of the repository of a chart that is named alone.
    #[serde(default)]
    pub repository: Option<Chart>,
    /// The file of values, or several in their order, relative to the configuration's folder.
    #[serde(default)]
    pub values: Option<Files>,
    /// The value that the version is set in, such as `image.tag`; or by name a text for each of several.
    #[serde(default)]
    pub set: Sets,
    /// What becomes of the values that the release has: `reset` (the default), `reuse` or `reset_then_reuse`.
    #[serde(default)]
    pub old_values: OldValues,
    /// Its namespace; that of the context unless given.
    #[serde(default)]
    pub namespace: Option<Namespace>,
    /// Whether the namespace is made where there is none.
    #[serde(default)]
    pub create_namespace: bool,
    /// The context of the kubeconfig; its current one unless given.
    #[serde(default)]
    #[schemars(length(min = 1))]
    pub context: Option<String>,
    /// The kubeconfig, relative to the configuration's folder; `helm` finds its own unless given.
    #[serde(default)]
    pub kubeconfig: Option<PathBuf>,
    /// Whether jobs of the chart must be done, too.
    #[serde(default)]
    pub wait_for_jobs: bool,
    /// Whether what a failed run has made anew is deleted.
    #[serde(default)]
    pub cleanup_on_fail: bool,
    /// How many revisions Helm keeps, and so how far back it can go; 10 unless given, `0` for all.
    #[serde(default)]
    pub history_max: Option<u32>,
    /// Other flags for `helm upgrade`: `--skip-crds`, `--post-renderer=…`.
    #[serde(default)]
    pub flags: Vec<Flag>,
    /// The program; `helm` unless given. One with a `/` is relative to the configuration's folder.
    #[serde(default)]
    pub program: ProgramName,
    /// The time that Helm waits until all is ready, and for each hook; `5m` unless given.
    #[serde(default = "usual_wait")]
    pub wait_timeout: Span,
    /// The time each command has; three times `wait_timeout` unless given. Then it is killed with all that it started.
    #[serde(default)]
    pub timeout: Option<Span>,
}

/// What becomes of the values that a release has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum OldValues {
    /// They are forgotten: the chart and the files say all.
    #[default]
    Reset,
    /// They stay, over those of the chart that they came with.
    Reuse,
    /// They stay, over those of the chart as it is now.
    ResetThenReuse,
}

fn usual_wait() -> Span {
    WAIT
}

impl Settings {
    /// Returns what makes no sense about them together.
    pub fn mistake(&self) -> Option<(&'static str, &'static str)> {
        let follows = self.chart_version.as_ref().is_some_and(ChartVersion::follows);
        let of_a_chart = self.chart_version.is_some() || self.repository.is_some();
        match self.chart {
            Some(_) if self.set.is_empty() && !follows => Some((
                "every version would be the same chart with the same values",
                "name the value that says the version, like `set: image.tag`",
            )),
            None if of_a_chart => Some((
                "`chart_version` and `repository` say nothing without a chart",
                "name it by `chart`",
            )),
            Some(_) | None => None,
        }
    }
}

/// Brings a service to a version by a release of Helm.
pub struct HelmDriver {
    settings: Settings,
    around: Surroundings,
    helm: Program,
}

/// Makes the driver.
pub fn connect(settings: Settings, around: Surroundings) -> HelmDriver {
    let helm = around.program(&settings.program.path(&around.folder));
    with(helm, settings, around)
}

fn with(helm: Program, settings: Settings, around: Surroundings) -> HelmDriver {
    let timeout = settings.timeout.map_or(settings.wait_timeout.get() * WAITS, Span::get);
    // What Helm says when it is asked to say all holds values.
    let helm = helm.timeout(timeout).env("HELM_DEBUG", "false");
    HelmDriver { settings, around, helm }
}

/// Which way a service is brought to a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// By the chart.
    Forth,
    /// By a revision that held it, where there is one.
    Back,
}

impl Way {
    fn of(action: Action) -> Self {
        match action {
            Action::Deploy => Self::Forth,
            Action::Rollback | Action::RollForward => Self::Back,
        }
    }
}

#[async_trait]
impl Driver for HelmDriver {
    fn plan(&self, drive: &Drive) -> Vec<String> {
        let lines = self.release(&drive.service).and_then(|release| {
            let upgrade = || self.shown_upgrade(&release, drive);
            let rollback = |remark| {
                let line =
                    self.command(&self.rollback(&release, "REVISION", Way::of(drive.action)));
                format!("{line} # {remark}")
            };
            Ok(match (Way::of(drive.action), &self.settings.chart) {
                (Way::Forth, _) => {
                    vec![rollback("only where a killed run of this left it pending"), upgrade()?]
                }
                (Way::Back, None) => vec![rollback("the newest good one that holds the version")],
                (Way::Back, Some(_)) => {
                    let upgrade = upgrade()?;
                    let remark = "where no revision holds the version any more";
                    let back = rollback("the newest good one that holds the version");
                    vec![back, format!("{upgrade} # {remark}")]
                }
            })
        });
        lines.unwrap_or_else(|error| vec![format!("run nothing: {}", whole(&error))])
    }

    fn ready(&self) -> Result<()> {
        let Settings { chart, values, kubeconfig, .. } = &self.settings;
        let there = |path: &str| self.around.folder.join(path).exists();
        let kubeconfig = kubeconfig.as_ref().map(|file| file.display().to_string());
        let chart = chart.iter().filter(|chart| chart.is_path()).map(|it| it.as_str().to_owned());
        let values = values.iter().flat_map(Files::each).filter(|file| !file.contains("://"));
        let kubeconfig = kubeconfig.into_iter().map(|path| ("kubeconfig", path));
        let values = values.map(|path| ("file of values", path.to_owned()));
        let mut all = kubeconfig.chain(chart.map(|path| ("chart", path))).chain(values);
        match all.find(|(_, path)| !there(path)) {
            None => Ok(()),
            Some((what, path)) => {
                let path = text::clean(&path, WORD);
                Err(Error::invalid(format!("there is no {what} `{path}`"))
                    .hint("it is looked for from the configuration's folder"))
            }
        }
    }

    async fn current(&self, site: &Site) -> Result<Running> {
        let release = self.release(&site.service)?;
        let seen = self.look(&release).await;
        let doing = || format!("could not see what runs of `{}`", site.service);
        seen.map_err(|trouble| self.helm.failed(doing(), &trouble))
    }

    async fn available(&self, drive: &Drive) -> Result<Availability> {
        let release = self.release(&drive.service)?;
        let doing = || format!("could not look for version `{}`", called(drive));
        let there = match Way::of(drive.action) {
            Way::Forth => false,
            Way::Back => {
                let kept = self.is_kept(&release, drive).await;
                kept.map_err(|trouble| self.helm.failed(doing(), &trouble))?
            }
        };
        if there {
            return Ok(Availability::There);
        }
        let offered = self.offered(&release, drive).await;
        offered.map_err(|trouble| self.helm.failed(doing(), &trouble))
    }

    async fn apply(&self, drive: &Drive) -> Result<Driven> {
        self.bring(drive, Way::of(drive.action)).await
    }

    async fn undo(&self, drive: &Drive) -> Result<Driven> {
        if let Some(back) = drive.reversed() {
            return self.bring(&back, Way::Back).await;
        }
        let message = format!("nothing is known that `{}` ran before", drive.service);
        let release = self.release(&drive.service)?;
        Err(Error::failed(message)
            .because("so there is nothing to put back")
            .hint(format!("`{}` shows what there is", self.shown_history(&release))))
    }
}

impl HelmDriver {
    fn release(&self, service: &Service) -> Result<Release> {
        let own = || Release::try_from(service.as_str().to_owned());
        let name = self.settings.release.clone().map_or_else(own, Ok);
        name.map_err(|why| {
            let message = format!("Helm knows no release `{service}`");
            Error::failed(message).because(why).hint("name it by the driver's `release`")
        })
    }

    async fn bring(&self, drive: &Drive, way: Way) -> Result<Driven> {
        let release = self.release(&drive.service)?;
        let message = match way {
            Way::Forth => self.forth(&release, drive).await?,
            Way::Back => self.back(&release, drive).await?,
        };
        Ok(Driven { message })
    }
}

fn broken(drive: &Drive, why: String) -> Error {
    Error::failed(doing(drive)).because(why)
}

fn doing(drive: &Drive) -> String {
    format!("could not bring `{}` to version `{}`", drive.service, called(drive))
}

fn called(drive: &Drive) -> String {
    text::clean(&drive.to.version, WORD)
}

fn whole(error: &Error) -> String {
    let causes = error.causes().into_iter();
    std::iter::once(error.to_string()).chain(causes).collect::<Vec<_>>().join(": ")
}

#[cfg(test)]
mod tests;
