//! Asks for the little of a container that is judged.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;

use super::super::instrument::{Asking, Trouble};
use crate::domain::check::Measurement;

/// One line of JSON for each container; its environment, full of secrets, is not asked for.
const CONTAINER: &str = concat!(
    r#"{"id":{{json .ID}},"name":{{json .Name}},"image":{{json .Image}},"written":{{json .Config.Image}},"#,
    r#""labels":{{json .Config.Labels}},"restarts":{{json .RestartCount}},"#,
    r#""status":{{json .State.Status}},"exit_code":{{json .State.ExitCode}},"#,
    r#""out_of_memory":{{json .State.OOMKilled}},"started":{{json .State.StartedAt}},"#,
    r#""health":{{if .State.Health}}{{json .State.Health.Status}}{{else}}null{{end}}}"#,
);

/// One line of JSON for each image.
const IMAGE: &str = r#"{"tags":{{json .RepoTags}},"digests":{{json .RepoDigests}}}"#;

/// A shorter piece of an id is a name.
const SHORTEST_ID: usize = 12;

/// The label of what `docker compose run` starts beside the service.
const ONE_OFF: &str = "com.docker.compose.oneoff";

/// What Docker says of a container.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Container {
    /// Its id.
    pub id: String,
    /// Its name, which Docker begins with a slash.
    pub name: String,
    /// The id of its image.
    pub image: String,
    /// Its image, as it was written.
    pub written: String,
    /// Its labels.
    pub labels: Option<BTreeMap<String, String>>,
    /// How often it was restarted.
    pub restarts: u32,
    /// `running`, `restarting`, `exited` …
    pub status: String,
    /// How it ended, where it did.
    pub exit_code: i64,
    /// Whether it ended for want of memory.
    pub out_of_memory: bool,
    /// When it was started last.
    pub started: Timestamp,
    /// `healthy`, `unhealthy`, `starting`; none where it has no health check.
    pub health: Option<String>,
}

#[derive(Deserialize)]
struct Names {
    tags: Option<Vec<String>>,
    digests: Option<Vec<String>>,
}

/// Returns the containers of these names or ids, without those that ran beside a service.
pub(super) async fn inspect(
    asking: &Asking<'_>,
    names: Vec<String>,
) -> Result<Vec<Container>, Trouble> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let args = ["container", "inspect", "--format", CONTAINER, "--"].map(str::to_owned);
    let answer = asking.ask(args.into_iter().chain(names)).await?;
    let lines = answer.text();
    let lines = lines.lines().filter(|line| !line.trim().is_empty());
    let read = lines.map(serde_json::from_str).collect::<Result<Vec<Container>, _>>();
    let mut all = read.map_err(|cause| Trouble::Broken(asking.unreadable(cause).message))?;
    all.retain(|container| !container.is_one_off());
    Ok(all)
}

/// Returns every name of a container's image that is known where it runs, its own id among them.
pub(super) async fn names(
    asking: &Asking<'_>,
    container: &Container,
) -> Result<Vec<String>, Measurement> {
    let args = ["image", "inspect", "--format", IMAGE, "--"].map(str::to_owned);
    let answer = match asking.ask(args.into_iter().chain([container.image.clone()])).await {
        Ok(answer) => answer,
        // It runs on after its image was removed; then it is known by how it was written.
        Err(Trouble::Said(said)) if is_missing(&said) => {
            return Ok(vec![container.written.clone()]);
        }
        Err(trouble) => return Err(trouble.measurement()),
    };
    let names: Names =
        serde_json::from_slice(answer.bytes()).map_err(|cause| asking.unreadable(cause))?;
    let all = names.tags.into_iter().chain(names.digests).flatten();
    Ok(all.filter(|name| !name.contains("<none>")).collect())
}

/// Returns the time as it is where the containers run; where that is not told, our own.
pub(super) async fn now(asking: &Asking<'_>) -> Result<Timestamp, Measurement> {
    let args = ["system", "info", "--format", "{{json .SystemTime}}"].map(str::to_owned);
    match asking.ask(args).await {
        Ok(answer) => {
            serde_json::from_slice(answer.bytes()).map_err(|cause| asking.unreadable(cause))
        }
        // A proxy before the daemon mostly shows containers and keeps the rest to itself.
        Err(Trouble::Said(_)) => Ok(Timestamp::now()),
        Err(trouble @ Trouble::Broken(_)) => Err(trouble.measurement()),
    }
}

/// Returns whether Docker says that there is no such thing, and that it looked.
pub(super) fn is_missing(said: &str) -> bool {
    said.lines().any(|line| {
        line.contains("No such container: ")
            || line.contains("No such image: ")
            || line.starts_with("Error: No such object: ")
    })
}

impl Container {
    /// Returns its name as people say it.
    pub(super) fn called(&self) -> &str {
        self.name.trim_start_matches('/')
    }

    /// Docker also finds a container by the first letters of its id, which nobody meant.
    pub(super) fn is_meant_by(&self, name: &str) -> bool {
        self.called() == name || (name.len() >= SHORTEST_ID && self.id.starts_with(name))
    }

    fn is_one_off(&self) -> bool {
        let label = self.labels.as_ref().and_then(|labels| labels.get(ONE_OFF));
        label.is_some_and(|label| label.eq_ignore_ascii_case("true"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_docker_looked_for_is_missing() {
        for missing in [
            "Error response from daemon: No such container: shop",
            "Error: No such container: shop",
            "Error response from daemon: No such image: sha256:00",
            "Error: No such object: shop",
        ] {
            assert!(is_missing(missing), "{missing}");
        }
        for other in [
            "Cannot connect to the Docker daemon at unix:///run/docker.sock.",
            "permission denied while trying to connect to the Docker daemon socket",
            "error during connect: no such host",
        ] {
            assert!(!is_missing(other), "{other}");
        }
    }

    #[test]
    fn an_answer_that_is_cut_or_counts_below_zero_is_refused() {
        let whole = r#"{"id":"00","name":"/shop","image":"sha256:00","written":"shop","labels":null,"restarts":0,"status":"running","exit_code":0,"out_of_memory":false,"started":"2024-01-01T00:00:00.5Z","health":null}"#;
        assert_eq!(serde_json::from_str::<Container>(whole).unwrap().called(), "shop");
        for end in 0..whole.len() {
            assert!(serde_json::from_str::<Container>(&whole[..end]).is_err(), "{end}");
        }
        let below = whole.replace(r#""restarts":0"#, r#""restarts":-1"#);
        assert!(serde_json::from_str::<Container>(&below).is_err());
    }
}
