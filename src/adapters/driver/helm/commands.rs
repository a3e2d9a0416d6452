//! What `helm` is asked and told, word by word.

use std::sync::Arc;

use super::super::compose::Files;
use super::super::output::Output;
use super::history::Mark;
use super::{HelmDriver, OldValues, Release, Settings, WORD, Way, broken};
use crate::adapters::process::{Channel, Listener, Program};
use crate::domain::text;
use crate::error::Result;
use crate::ports::Drive;

/// What brings a release to a version by its chart.
pub(super) struct Upgrade {
    /// The words.
    pub words: Vec<String>,
    /// The values that say the version, which go in by standard input: nothing in them can be an argument.
    pub values: Option<String>,
    /// How the revision is described.
    pub mark: Mark,
}

impl HelmDriver {
    /// Returns what brings a release to a version by its chart; refuses what Helm could not be told.
    pub(super) fn upgrade(&self, release: &Release, drive: &Drive) -> Result<Upgrade> {
        let Settings { chart, set, flags, create_namespace, .. } = &self.settings;
        let chart = chart.as_ref().ok_or_else(|| {
            broken(drive, "there is no chart to bring it by".to_owned())
                .hint("give the driver `chart`; without one it only goes back to revisions")
        })?;
        if drive.to.version.contains(text::is_unprintable) {
            let why = "its name holds what cannot be printed, and Helm would keep that".to_owned();
            return Err(broken(drive, why));
        }
        let old = match self.settings.old_values {
            OldValues::Reset => "--reset-values",
            OldValues::Reuse => "--reuse-values",
            OldValues::ResetThenReuse => "--reset-then-reuse-values",
        };
        let mark = Mark::of(drive);
        let mut words: Vec<String> =
            ["upgrade", release.as_str(), chart.as_str(), "--install", old]
                .map(str::to_owned)
                .into();
        words.extend(create_namespace.then(|| "--create-namespace".to_owned()));
        words.extend(self.origin(drive)?);
        words.extend(self.settings.values.iter().flat_map(Files::each).map(value_file));
        let values = (!set.is_empty()).then(|| set.json(&drive.to));
        words.extend(values.iter().map(|_| value_file("-")));
        words.push(format!("--description={mark}"));
        words.extend(flags.iter().map(|flag| flag.as_str().to_owned()));
        words.push("--wait".to_owned());
        words.extend(self.limits());
        words.extend(self.place());
        Ok(Upgrade { words, values, mark })
    }

    /// Returns what makes a new revision of an older one; it is waited for where that is the end of the way.
    pub(super) fn rollback(&self, release: &Release, revision: &str, way: Way) -> Vec<String> {
        let wait = match way {
            Way::Forth => None,
            Way::Back => Some("--wait"),
        };
        let words = ["rollback", release.as_str(), revision].into_iter().chain(wait);
        words.map(str::to_owned).chain(self.limits()).chain(self.place()).collect()
    }

    pub(super) fn history_words(&self, release: &Release) -> Vec<String> {
        let words = ["history", release.as_str()].map(str::to_owned);
        words.into_iter().chain(self.place()).collect()
    }

    pub(super) fn values_words(&self, release: &Release, revision: Option<u64>) -> Vec<String> {
        let words = ["get", "values", release.as_str(), "--output=json"].map(str::to_owned);
        let revision = revision.map(|revision| format!("--revision={revision}"));
        words.into_iter().chain(revision).chain(self.place()).collect()
    }

    /// Returns what asks for a chart; none where there is none.
    pub(super) fn chart_words(&self, drive: &Drive) -> Result<Option<Vec<String>>> {
        let Some(chart) = &self.settings.chart else { return Ok(None) };
        let words = ["show", "chart", chart.as_str()].map(str::to_owned);
        Ok(Some(words.into_iter().chain(self.origin(drive)?).collect()))
    }

    /// Returns a command as a shell would read it.
    pub(super) fn command(&self, words: &[String]) -> String {
        self.helm.shown(words)
    }

    pub(super) fn shown_history(&self, release: &Release) -> String {
        self.command(&self.history_words(release))
    }

    pub(super) fn shown_upgrade(&self, release: &Release, drive: &Drive) -> Result<String> {
        let Upgrade { words, values, .. } = self.upgrade(release, drive)?;
        let line = self.command(&words);
        Ok(match values {
            Some(values) => {
                let line = format!("{line} <<< {}", shell_words::quote(&values));
                text::clean(&line, usize::MAX)
            }
            None => line,
        })
    }

    /// Tells a line of one's own.
    pub(super) fn tell(&self, drive: &Drive, line: &str) {
        self.output(drive)(Channel::Stderr, line);
    }

    /// Returns `helm` with what it complains of told; what it writes else are the chart's notes, which may hold secrets.
    pub(super) fn telling(&self, drive: &Drive) -> Program {
        let listener = self.output(drive);
        self.helm.clone().listen(Arc::new(move |channel, line| match channel {
            Channel::Stderr => listener(channel, line),
            Channel::Stdout => {}
        }))
    }

    fn output(&self, drive: &Drive) -> Listener {
        let (withheld, sink) = (self.around.withheld.clone(), self.around.sink.clone());
        Output::new(&drive.service, withheld, sink).listener()
    }

    /// Returns where the chart is from and which of its versions it is.
    fn origin(&self, drive: &Drive) -> Result<Vec<String>> {
        let repository = self.settings.repository.iter();
        let repository = repository.map(|address| format!("--repo={}", address.as_str()));
        let version = self.settings.chart_version.iter().map(|version| {
            let version = version.of(&drive.to).map_err(|why| broken(drive, why))?;
            Ok(format!("--version={version}"))
        });
        repository.map(Ok).chain(version).collect()
    }

    fn limits(&self) -> impl Iterator<Item = String> {
        let Settings { wait_for_jobs, cleanup_on_fail, history_max, wait_timeout, .. } =
            &self.settings;
        let jobs = wait_for_jobs.then(|| "--wait-for-jobs".to_owned());
        let cleanup = cleanup_on_fail.then(|| "--cleanup-on-fail".to_owned());
        let history = history_max.map(|most| format!("--history-max={most}"));
        let timeout = format!("--timeout={}s", wait_timeout.get().as_secs().max(1));
        [Some(timeout), jobs, cleanup, history].into_iter().flatten()
    }

    /// Each is one word with its flag: no value can be taken for another flag.
    fn place(&self) -> impl Iterator<Item = String> {
        let Settings { namespace, context, kubeconfig, .. } = &self.settings;
        let namespace = namespace.as_ref().map(|name| format!("--namespace={name}"));
        let context = context.as_ref().map(|name| format!("--kube-context={name}"));
        let kubeconfig = kubeconfig.as_ref().map(|file| format!("--kubeconfig={}", file.display()));
        [namespace, context, kubeconfig].into_iter().flatten()
    }
}

/// Returns what is wrong with a chart that Helm does not find; none where it may only be away.
pub(super) fn unknown(said: &str) -> Option<String> {
    const SAID: [&str; 5] = [
        "not found",
        "404 Not Found",
        "no chart version found",
        "no chart name found",
        "Could not locate a version matching",
    ];
    let line = said.lines().rev().find(|line| SAID.iter().any(|words| line.contains(words)))?;
    let line = line.trim().trim_start_matches("Error: ");
    Some(text::clean(line, 3 * WORD))
}

fn value_file(file: &str) -> String {
    format!("--values={file}")
}
