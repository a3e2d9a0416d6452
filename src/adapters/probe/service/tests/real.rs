//! systemd itself, with units that it forgets afterwards.

use super::*;

/// A unit of ours that is stopped with the test.
struct Transient {
    name: String,
    scope: &'static [&'static str],
}

impl Transient {
    async fn start(&self, flags: &[&str], script: &str) {
        let run = Run::new("systemd-run").args(self.scope.iter().copied()).arg("--quiet");
        let run = run.arg(format!("--unit={}", self.name)).args(flags.iter().copied());
        // One that ends badly says so; the probe is asked what it sees.
        let _ = run.args(["sh", "-c", script]).finish().await.unwrap();
    }

    fn probe(&self, keys: &str) -> ServiceProbe {
        let (name, user) = (&self.name, !self.scope.is_empty());
        let json = format!(r#"{{"unit": "{name}", "user": {user}{keys}}}"#);
        connect(serde_json::from_str(&json).unwrap(), Vec::new())
    }

    async fn stop(self) {
        for verb in ["stop", "reset-failed"] {
            let run = Run::new("systemctl").args(self.scope.iter().copied());
            let _ = run.arg(verb).arg(&self.name).finish().await;
        }
    }
}

/// Returns a name for a unit of the system's or, for who is not root, of his own.
async fn unit(what: &str) -> Option<Transient> {
    let id = Run::new("id").arg("-u").finish().await.unwrap().stdout.text();
    let scope: &[_] = if id.trim() == "0" { &[] } else { &["--user"] };
    let name = format!("lastgood-test-{what}-{}.service", std::process::id());
    let there = Run::new("systemctl").args(scope.iter().copied()).arg("show").finish().await;
    if there.is_ok_and(|there| there.succeeded()) {
        return Some(Transient { name, scope });
    }
    crate::domain::vectors::skipped(
        "systemd does not run here, so no real unit can be asked about",
    );
    None
}

/// Looks until it is as expected; each look asks systemd anew.
async fn until(probe: &ServiceProbe, outcome: Outcome, told: &str) {
    let mut last = String::new();
    for _ in 0..2000 {
        let seen = probe.measure(None, PATIENCE).await;
        if seen.outcome == outcome && seen.message.contains(told) {
            return;
        }
        last = seen.message;
    }
    unreachable!("it stayed `{last}`");
}

#[tokio::test]
async fn a_unit_that_runs_is_told_from_one_that_failed() {
    let Some(steady) = unit("steady").await else { return };
    steady.start(&[], "exec sleep 3600").await;
    until(
        &steady.probe(r#", "sub_state": "running", "max_restarts": 0"#),
        Outcome::Pass,
        "active (running)",
    )
    .await;
    until(&steady.probe(r#", "min_uptime": "1h""#), Outcome::Fail, "less than 1h").await;
    until(&steady.probe(r#", "min_uptime": "1s""#), Outcome::Pass, "active (running) for ").await;
    let name = steady.name.clone();
    steady.stop().await;

    let Some(failing) = unit("failing").await else { return };
    failing.start(&["--wait"], "exit 3").await;
    until(&failing.probe(""), Outcome::Fail, "is failed (failed): exit-code").await;
    failing.stop().await;

    let gone = Transient { name, scope: &[] };
    until(&gone.probe(""), Outcome::Fail, "systemd knows no unit").await;
}

#[tokio::test]
async fn a_unit_that_dies_and_comes_back_is_seen() {
    let Some(waiting) = unit("waiting").await else { return };
    waiting.start(&["-pRestart=always", "-pRestartSec=600"], "exit 3").await;
    until(&waiting.probe(""), Outcome::Fail, "is activating (auto-restart)").await;
    waiting.stop().await;

    let Some(crashing) = unit("crashing").await else { return };
    let flags = ["-pRestart=always", "-pRestartSec=10ms", "-pStartLimitIntervalSec=0"];
    crashing.start(&flags, "sleep 0.3; exit 3").await;
    until(
        &crashing.probe(r#", "max_restarts": 1"#),
        Outcome::Fail,
        "restarted 2 times, more than 1",
    )
    .await;
    until(&crashing.probe(""), Outcome::Fail, "times since the last look").await;
    crashing.stop().await;
}

#[tokio::test]
async fn where_systemd_does_not_run_the_instrument_is_broken() {
    let probe = probe("");
    let told =
        |text: &str| Run::new("sh").args(["-c", "echo \"$1\" >&2; exit 1", "--", text]).finish();
    let text = "System has not been booted with systemd as init system (PID 1). Can't operate.";
    let finished = told(text).await.unwrap();
    assert_told(
        &probe.told(&finished),
        Outcome::Error,
        &format!("systemd could not be asked: {text}"),
    );
}
