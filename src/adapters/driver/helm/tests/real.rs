//! A real Helm and a real control plane, where there are both.

use super::*;
use crate::adapters::process::Run;
use crate::adapters::testbed::Testbed;

mod killed;
mod pods;
mod revisions;

/// A chart whose pods fare as the name of their image says: see `scripts/tools/kubernetes/nodes.py`.
const PODS: &str = "apiVersion: apps/v1
kind: Deployment
metadata: {name: {{ .Release.Name }}}
spec:
  replicas: 1
  selector: {matchLabels: {app: {{ .Release.Name }}}}
  template:
    metadata: {labels: {app: {{ .Release.Name }}}}
    spec: {containers: [{name: web, image: \"{{ .Values.image.name }}:{{ .Values.image.tag }}\"}]}
";

/// A chart that Helm need not wait for.
const PLAIN: &str = "apiVersion: v1
kind: ConfigMap
metadata: {name: {{ .Release.Name }}}
data: {version: {{ .Values.image.tag | quote }}, greeting: {{ .Values.greeting | quote }}}
";

/// What both charts have where nobody says otherwise.
const VALUES: &str = "image: {name: acme/shop, tag: none}\ngreeting: none\n";

/// A control plane, and a folder with the charts.
pub(super) struct Real {
    pub testbed: Testbed,
    folder: TempDir,
    lines: Lines,
}

impl Real {
    /// Returns none, and says so, where there is no Helm or no control plane.
    pub(super) async fn new() -> Option<Self> {
        if Run::new("helm").args(["version", "--short"]).finish().await.is_err() {
            skipped("a real Helm: no `helm` was found");
            return None;
        }
        let testbed = Testbed::start().await?;
        let real = Self { testbed, folder: tempfile::tempdir().unwrap(), lines: Lines::default() };
        for (name, template) in [("pods", PODS), ("plain", PLAIN)] {
            let meta =
                format!("apiVersion: v2\nname: {name}\nversion: 0.1.0\nappVersion: 1.16.0\n");
            real.write(&format!("{name}/Chart.yaml"), &meta);
            real.write(&format!("{name}/values.yaml"), VALUES);
            real.write(&format!("{name}/templates/it.yml"), template);
        }
        real.repository();
        Some(real)
    }

    /// Puts the index of a repository `acme` there as Helm has it once it was fetched; nobody answers behind it.
    fn repository(&self) {
        let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let address = format!("http://{nobody}");
        let all = json!({ "repositories": [{ "name": "acme", "url": address }] });
        self.write("repositories.yaml", &all.to_string());
        let shop = json!({
            "apiVersion": "v2", "name": "shop", "version": "1.0.0",
            "urls": [format!("{address}/shop-1.0.0.tgz")],
        });
        let index = json!({ "apiVersion": "v1", "entries": { "shop": [shop] } });
        self.write("acme-index.yaml", &index.to_string());
    }

    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }

    fn write(&self, name: &str, text: &str) {
        let file = self.path().join(name);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
    }

    /// Returns the driver of a release by one of the charts, with what the settings say besides.
    fn driver(&self, release: &str, chart: &str, more: &Value) -> HelmDriver {
        self.by("helm", release, chart, more)
    }

    /// Returns the same by another program.
    fn by(&self, program: &str, release: &str, chart: &str, more: &Value) -> HelmDriver {
        let mut all =
            json!({ "release": release, "chart": format!("./{chart}"), "set": "image.tag" });
        all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.with(program, serde_json::from_value(all).unwrap())
    }

    /// Returns the driver with all of its settings.
    pub(super) fn with(&self, program: &str, settings: Settings) -> HelmDriver {
        assert_eq!(settings.mistake(), None);
        let around = around(self.path(), &self.lines);
        let helm = around.program(program).env("HOME", self.testbed.home());
        let helm = helm.env("KUBECONFIG", self.testbed.kubeconfig());
        let helm = helm.env("HELM_REPOSITORY_CONFIG", self.path().join("repositories.yaml"));
        with(helm.env("HELM_REPOSITORY_CACHE", self.path()), settings, around)
    }

    /// Runs `helm` as somebody does by hand, which must succeed, and returns what it wrote.
    async fn helm(&self, args: &[&str]) -> String {
        let run = Run::new("helm").args(args.iter().copied()).env("HOME", self.testbed.home());
        let run = run.env("KUBECONFIG", self.testbed.kubeconfig()).folder(self.path());
        let ran = run.finish().await.unwrap();
        assert!(ran.succeeded(), "{}", ran.stderr.text());
        ran.stdout.text()
    }

    /// Returns each revision as `NUMBER STATUS DESCRIPTION`, without the digests in them.
    pub(super) async fn story(&self, release: &str) -> Vec<String> {
        let all = self.helm(&["history", release, "--output=json"]).await;
        let all: Vec<Value> = serde_json::from_str(&all).unwrap();
        let told = |it: &Value| {
            let described = it["description"].as_str().unwrap();
            let described = described.strip_prefix("lastgood deploy/production/");
            let described = described.and_then(|rest| rest.rsplit_once(" (")).map_or_else(
                || it["description"].as_str().unwrap().to_owned(),
                |(deployed, _)| format!("by {deployed}"),
            );
            format!("{} {} {described}", it["revision"], it["status"].as_str().unwrap())
        };
        all.iter().map(told).collect()
    }
}

async fn current(driver: &HelmDriver) -> Running {
    driver.current(&to(1, "1.0", "").site()).await.unwrap()
}

fn seen(version: &str) -> Running {
    Running::Seen(Sighting { version: Some(version.to_owned()), ..Sighting::default() })
}

/// All at once, each with a release of its own: what they need most is Helm's patience.
#[tokio::test]
async fn a_real_helm_does_as_the_driver_expects() {
    let Some(real) = Real::new().await else { return };
    tokio::join!(
        pods::are_brought_there_and_back_and_driving_twice_ends_as_once(&real),
        pods::that_never_get_ready_are_told_undone_and_no_target(&real),
        pods::that_helm_itself_took_back_are_left_so(&real),
        killed::runs_are_finished_or_undone(&real),
        killed::uninstalling_is_told_with_what_helm_says(&real),
        revisions::that_are_gone_are_brought_by_the_chart(&real),
        revisions::of_other_hands_are_told(&real),
        revisions::of_two_slots_are_two_releases(&real),
        revisions::keep_their_values_or_forget_them_as_the_settings_say(&real),
        revisions::that_nobody_may_see_are_an_error_and_no_proof(&real),
        revisions::of_a_chart_that_is_not_in_its_repository_are_missing(&real),
    );
}
