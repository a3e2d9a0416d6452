//! A real Prometheus, which scrapes an exporter of ours.

use std::sync::atomic::{AtomicU64, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::*;
use crate::adapters::probe::{error_rate, latency, success_rate};
use crate::adapters::process::Run;
use crate::adapters::testbed::port::free_port;

/// The program; these tests are skipped where it is missing.
const PROGRAM: &str = "prometheus";

/// A Prometheus of this test's own; it ends with the test.
struct World {
    url: String,
    _folder: tempfile::TempDir,
    tasks: [JoinHandle<()>; 2],
}

impl Drop for World {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

/// What the exporter says when it is asked for the n-th time.
fn exposed(n: u64) -> String {
    let sometimes = |line: &str, is: bool| if is { format!("{line}\n") } else { String::new() };
    let once = u64::from(n > 3);
    format!(
        "http_requests_total{{code=\"200\",version=\"2.0\"}} {good}\n\
         http_requests_total{{code=\"500\",version=\"2.0\"}} {bad}\n\
         http_requests_total{{code=\"200\",version=\"1.0\"}} {all}\n\
         http_requests_total{{code=\"200\",version=\"idle\"}} 1000\n\
         http_request_duration_seconds_bucket{{le=\"0.1\"}} {quick}\n\
         http_request_duration_seconds_bucket{{le=\"0.5\"}} {all}\n\
         http_request_duration_seconds_bucket{{le=\"+Inf\"}} {all}\n\
         http_request_duration_seconds_count {all}\n\
         once_bucket{{le=\"0.5\"}} {once}\n\
         once_bucket{{le=\"+Inf\"}} {once}\n\
         once_count {once}\n\
         not_a_number NaN\n\
         infinite +Inf\n\
         heat{{room=\"a\"}} 10\n\
         heat{{room=\"b\"}} 30\n\
         {gone}",
        good = n * 98,
        bad = n * 2,
        all = n * 100,
        quick = n * 90,
        gone = sometimes("gone 1", n < 4),
    )
}

async fn exporter() -> (String, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let asked = AtomicU64::new(0);
    let serving = tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            // One read is a whole request of a scrape; a connection is used once.
            let _ = stream.read(&mut [0; 4096]).await;
            let body = exposed(asked.fetch_add(1, Ordering::SeqCst) + 1);
            let head = "HTTP/1.1 200 OK\r\ncontent-type: text/plain; version=0.0.4\r\n";
            let length = body.len();
            let whole =
                format!("{head}content-length: {length}\r\nconnection: close\r\n\r\n{body}");
            let _ = stream.write_all(whole.as_bytes()).await;
        }
    });
    (address, serving)
}

impl World {
    /// Starts it and waits until it has scraped often enough; none where the program is missing.
    async fn new() -> Option<Self> {
        if Run::new(PROGRAM).arg("--version").finish().await.is_err() {
            crate::domain::vectors::skipped(&format!("1 test, there is no program `{PROGRAM}`"));
            return None;
        }
        let (target, serving) = exporter().await;
        let folder = tempfile::tempdir().unwrap();
        let config = format!(
            "global: {{scrape_interval: 200ms, scrape_timeout: 200ms}}\n\
             scrape_configs: [{{job_name: shop, static_configs: [{{targets: ['{target}']}}]}}]\n"
        );
        std::fs::write(folder.path().join("prometheus.yml"), config).unwrap();
        let free = free_port();
        let run = Run::new(PROGRAM)
            .arg("--config.file=prometheus.yml")
            .arg("--storage.tsdb.path=data")
            .arg(format!("--web.listen-address={free}"))
            .folder(folder.path());
        let running = tokio::spawn(async move { drop(run.finish().await) });
        let url = format!("http://{free}");
        let world = Self { url, _folder: folder, tasks: [serving, running] };
        world.until("count_over_time(up[1m])", "result >= 15").await;
        Some(world)
    }

    /// Asks until it is so, or the test's time is over.
    async fn until(&self, query: &str, success: &str) {
        let asked = settings(&self.url, &json!({"query": query, "success": success}));
        let probe = probe(&asked).unwrap();
        let mut ticks = tokio::time::interval(Duration::from_millis(50));
        for _ in 0..1_200 {
            ticks.tick().await;
            if probe.measure(None, TIME).await.outcome == Outcome::Pass {
                return;
            }
        }
        panic!("`{query}` never came to `{success}`");
    }

    async fn measure(&self, more: Json) -> Measurement {
        measure(&settings(&self.url, &more), TIME).await
    }
}

#[tokio::test]
async fn a_real_prometheus_is_asked_and_judged() {
    use Outcome::{Error, Fail, Inconclusive, Pass};
    let Some(world) = World::new().await else { return };
    let window = json!({"window": "2s", "step": "1s"});
    for (more, expected, said) in [
        (json!({"query": "heat{room=\"b\"}", "success": "result == 30"}), Pass, "30: "),
        (json!({"query": "vector(2) + 1", "success": "result == 3"}), Pass, "3: "),
        (json!({"query": "3", "failure": "result > 2"}), Fail, "not (result > 2) does not hold"),
        (json!({"query": "heat", "success": "true"}), Error, "gives 2 series"),
        (json!({"query": "heat", "reduce": "all", "success": "result < 20"}), Fail, "room=\"b\""),
        (json!({"query": "heat", "reduce": "max", "success": "result == 30"}), Pass, ""),
        (json!({"query": "not_a_number", "success": "result < 1"}), Inconclusive, "NaN"),
        (json!({"query": "not_a_number", "success": "isNaN(result)"}), Pass, "NaN"),
        (json!({"query": "infinite", "success": "result < 1"}), Fail, "+Inf"),
        (json!({"query": "infinite", "success": "isInf(result)"}), Pass, "+Inf"),
        (json!({"query": "nobody", "success": "result < 1"}), Inconclusive, "gave no data"),
        (json!({"query": "gone", "success": "result == 1"}), Inconclusive, "gave no data"),
        (json!({"query": "nobody", "no_data": "fail", "success": "result < 1"}), Fail, ""),
        (json!({"query": "sum(rate(", "success": "true"}), Error, "refused the query (status 400)"),
        (
            json!({"query": "heat{room=\"a\"}", "range": window, "success": "result.all(x, x == 10)"}),
            Pass,
            "[10, 10",
        ),
        (
            json!({"query": "sum(heat)", "range": window, "reduce": "max", "success": "result == 40"}),
            Pass,
            "40",
        ),
        (
            json!({"query": "sum(heat)", "range": window, "min_samples": 100, "success": "true"}),
            Inconclusive,
            "and 100 are needed",
        ),
        (
            json!({"query": "sum(rate(http_requests_total{version=\"{version}\"}[5s]))", "success": "result > 0"}),
            Pass,
            "",
        ),
        (
            json!({"queries": {
                "errors": "sum(increase(http_requests_total{code=~\"5..\"}[5s]))",
                "total": "sum(increase(http_requests_total{version=~\"{version}\"}[5s]))",
            }, "success": "errors / total < 0.021 && errors / total * 100 > 1.9"}),
            Pass,
            "errors ",
        ),
        (
            json!({"query": "histogram_quantile(0.5, rate(once_bucket[1m]))",
                "samples": "sum(increase(once_count[1m]))", "min_samples": 20,
                "success": "result < 1"}),
            Inconclusive,
            "1 sample stands behind it",
        ),
    ] {
        let measurement = world.measure(more.clone()).await;
        assert_eq!(measurement.outcome, expected, "{more}: {}", measurement.message);
        assert!(measurement.message.contains(said), "{more}: {}", measurement.message);
    }
}

#[tokio::test]
async fn the_ready_made_checks_judge_what_a_real_prometheus_counted() {
    use Outcome::{Fail, Inconclusive, Pass};
    let Some(world) = World::new().await else { return };
    let with = |more: Json| {
        let mut whole = json!({"url": world.url, "window": "5s"});
        whole.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        whole
    };
    for (more, expected) in [
        (json!({"threshold": "2.1%", "labels": {"version": "{version}"}}), Pass),
        (json!({"threshold": "1.9%", "labels": {"version": "{version}"}}), Fail),
        (json!({"threshold": 0, "labels": {"version": "1.0"}}), Pass),
        (json!({"threshold": 0, "labels": {"version": "idle"}}), Inconclusive),
        (json!({"threshold": 0, "labels": {"version": "idle"}, "min_samples": 0}), Inconclusive),
        (json!({"threshold": 0, "labels": {"version": "nobody"}}), Inconclusive),
        (
            json!({"threshold": "99%", "labels": {"version": "=~1.0|2.0"}, "min_samples": 1_000_000_000}),
            Inconclusive,
        ),
    ] {
        let asked: error_rate::Settings = serde_json::from_value(with(more.clone())).unwrap();
        let measurement = measure(&asked, TIME).await;
        assert_eq!(measurement.outcome, expected, "{more}: {}", measurement.message);
    }
    for (threshold, expected) in [("97.9%", Pass), ("98.1%", Fail)] {
        let more = with(json!({"threshold": threshold, "labels": {"version": "2.0"}}));
        let asked: success_rate::Settings = serde_json::from_value(more).unwrap();
        let measurement = measure(&asked, TIME).await;
        assert_eq!(measurement.outcome, expected, "{threshold}: {}", measurement.message);
    }
    for (more, expected) in [
        (json!({"threshold": "500ms"}), Pass),
        (json!({"threshold": "200ms"}), Fail),
        (json!({"threshold": "200ms", "percentile": 50}), Pass),
        (json!({"threshold": "200ms", "metric": "nobody"}), Inconclusive),
        (json!({"threshold": "200ms", "metric": "once", "window": "1m"}), Inconclusive),
    ] {
        let asked: latency::Settings = serde_json::from_value(with(more.clone())).unwrap();
        let measurement = measure(&asked, TIME).await;
        assert_eq!(measurement.outcome, expected, "{more}: {}", measurement.message);
    }
}
