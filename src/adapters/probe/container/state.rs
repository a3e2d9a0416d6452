//! Judges whether a container is as it should be.

use std::time::Duration;

use jiff::Timestamp;

use super::answer::Container;
use super::{ContainerProbe, Health};
use crate::domain::check::Measurement;
use crate::domain::duration::Span;
use crate::domain::text;

impl ContainerProbe {
    /// Returns what is wrong with a container, the weightiest first.
    pub(super) fn sick(
        &self,
        container: &Container,
        now: Option<Timestamp>,
    ) -> Option<Measurement> {
        not_running(container)
            .or_else(|| self.restarted(container))
            .or_else(|| self.unhealthy(container))
            .or_else(|| self.too_young(container, now?))
    }

    fn restarted(&self, container: &Container) -> Option<Measurement> {
        let (most, count) = (self.settings.max_restarts?, container.restarts);
        (count > most).then(|| {
            let message = format!("{} was restarted too often: {count}", called(container));
            let limit = format!("at most {most}");
            Measurement::fail(message).judged(&count.to_string(), &limit).measured(count.into())
        })
    }

    fn unhealthy(&self, container: &Container) -> Option<Measurement> {
        let name = called(container);
        let (value, message) = match (container.health.as_deref(), self.settings.health) {
            (Some("healthy"), _) | (None | Some("none" | ""), Health::IfPresent) => return None,
            (None | Some("none" | ""), Health::Required) => {
                ("none", format!("{name} has no health check"))
            }
            (Some("starting"), _) => ("starting", format!("{name} has not become healthy yet")),
            (Some(other), _) => (other, format!("{name} is {}", text::clean(other, 40))),
        };
        Some(Measurement::fail(message).judged(value, "healthy"))
    }

    fn too_young(&self, container: &Container, now: Timestamp) -> Option<Measurement> {
        let least = self.settings.min_uptime;
        let age = Duration::try_from(now.duration_since(container.started)).unwrap_or_default();
        (age < least.get()).then(|| {
            let age = Span::millis(age.as_millis().try_into().unwrap_or(u64::MAX));
            let message = format!("{} has run for `{age}` only", called(container));
            Measurement::fail(message).judged(&age.to_string(), &format!("at least {least}"))
        })
    }
}

fn not_running(container: &Container) -> Option<Measurement> {
    let status = container.status.as_str();
    if status == "running" {
        return None;
    }
    let name = called(container);
    let why = match (container.out_of_memory, container.exit_code) {
        (true, _) => " for want of memory".to_owned(),
        (false, 0) => String::new(),
        (false, code) => format!(" with exit code {code}"),
    };
    let message = match status {
        "exited" | "dead" => format!("{name} has ended{why}"),
        "restarting" => format!("{name} is being restarted: it ended{why}"),
        other => format!("{name} is {}", text::clean(other, 40)),
    };
    Some(Measurement::fail(message).judged(status, "running"))
}

/// Returns the pass of containers with which nothing is wrong.
pub(super) fn well(containers: &[Container]) -> Measurement {
    let checked = containers.iter().all(|container| container.health.as_deref() == Some("healthy"));
    let (is, value) = if checked { (" and healthy", "healthy") } else { ("", "running") };
    let message = match containers {
        [one] => format!("{} is running{is}", called(one)),
        all => format!("{} containers are running{is}", all.len()),
    };
    Measurement::pass(message).judged(value, value)
}

fn called(container: &Container) -> String {
    format!("container `{}`", text::clean(container.called(), 80))
}
