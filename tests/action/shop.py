"""A little world for the examples: a repository with a remote, a service, a GitHub, and a workflow runner."""

import hashlib
import http.server
import json
import os
import pathlib
import platform
import shutil
import subprocess
import sys
import threading
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "github"))
import permissions

VERSION = (ROOT / "action" / "version").read_text().strip()
BINARY = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"), "debug", "lastgood")
TOKEN = "github-token-of-tests"

CONFIGURATION = """version: 1
environments:
  production:
    url: https://shop.example
    services:
      app:
        driver: {{command: {{run: [./deploy.sh], timeout: 1m}}}}
        checks:
          - name: app answers
            success_streak: 1
            deadline: 2s
            interval: 100ms
            http: {{url: "{url}/health", expect_version: {{json: .version}}}}
"""
DEPLOY = """#!/bin/sh
set -eu
printf %s "$LASTGOOD_VERSION" >"$SHOP_STATE"
"""


class Service:
    """Answers with the version that a file names; some versions are sick."""

    def __init__(self, folder):
        self.state = folder / "runs"
        self.sick = set()
        service = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                runs = service.runs()
                body = json.dumps({"version": runs}).encode()
                self.send_response(500 if runs in service.sick or not runs else 200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def runs(self):
        return self.state.read_text() if self.state.exists() else ""

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class GitHub:
    """The fake GitHub of the tests, as a process of its own."""

    def __init__(self):
        script = ROOT / "tests" / "github" / "fake.py"
        self.child = subprocess.Popen([sys.executable, script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.port = self.child.stdout.readline().strip()
        self.url = self.api = f"http://127.0.0.1:{self.port}"

    def behind(self, door):
        """Makes workflows come in by a door that keeps an eye on what is said."""
        self.api = f"{door}/{self.port}"

    def speak(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/_test/{path}", data=data, method=method)
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request) as answer:
            return json.load(answer)

    def remember(self, **state):
        self.speak("PUT", "state", state)

    def state(self):
        return self.speak("GET", "state")

    def requests(self):
        return [f"{asked['method']} {asked['path']}" for asked in self.speak("GET", "requests")]

    def close(self):
        self.child.stdin.close()
        self.child.wait()
        self.child.stdout.close()


class Shop:
    """A team's repository with the examples as its workflows, unchanged."""

    def __init__(self, folder, act):
        self.folder, self.act = folder, act
        self.service, self.github = Service(folder), GitHub()
        self.remote, self.clone = folder / "remote.git", folder / "clone"
        self.git(folder, "init", "--quiet", "--bare", "--initial-branch=main", str(self.remote))
        self.git(folder, "clone", "--quiet", self.remote.as_uri(), str(self.clone))
        self.git(self.clone, "checkout", "--quiet", "-b", "main")
        self.write("lastgood.yml", CONFIGURATION.format(url=self.service.url))
        self.write("deploy.sh", DEPLOY).chmod(0o755)
        for example in ROOT.glob("examples/*.yml"):
            if "\njobs:\n" in example.read_text():
                self.write(f".github/workflows/{example.name}", example.read_text())
        self.install_action()
        self.push("begin")

    def install_action(self):
        """The action as a release has it: the binary in the tool cache, its checksum committed beside action.yml."""
        self.action = self.folder / "action"
        shutil.copytree(ROOT / "action", self.action / "action")
        shutil.copy(ROOT / "action.yml", self.action)
        arch = {"x86_64": "x64", "aarch64": "arm64"}[platform.machine()]
        target = f"{platform.machine()}-unknown-linux-musl"
        cached = self.folder / "cache" / "act" / "tool_cache" / "lastgood" / VERSION / arch / "lastgood"
        cached.parent.mkdir(parents=True)
        shutil.copy(BINARY, cached)
        release = f"lastgood-{VERSION}-{target}"
        sums = f"{'0' * 64}  {release}.tar.gz\n{hashlib.sha256(cached.read_bytes()).hexdigest()}  {release}/lastgood\n"
        (self.action / "action" / "checksums.txt").write_text(sums)
        bootstrap = self.action / "action" / "bootstrap.sh"
        # The runner used here also sets INPUT_*, which GitHub's does not do for a composite action.
        bare = "for name in $(env | sed -n 's/^\\(INPUT_[^=]*\\)=.*/\\1/p'); do unset \"$name\" 2>/dev/null || :; done\n"
        bootstrap.write_text(bootstrap.read_text().replace("set -eu\n", "set -eu\n" + bare, 1))

    def write(self, name, text):
        path = self.clone / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def push(self, message):
        """Makes a commit of all there is, pushes it and returns its id, which is the version that is deployed."""
        self.git(self.clone, "add", "--all")
        self.git(self.clone, "commit", "--quiet", "--allow-empty", "--message", message)
        self.git(self.clone, "push", "--quiet", "origin", "HEAD:refs/heads/main")
        return self.git(self.clone, "rev-parse", "HEAD").strip()

    def run(self, workflow, event_name, event=None, run_id="1", actor="ann"):
        """Runs one workflow as it stands in the repository, allowed what it asks for; returns whether it succeeded, and its log."""
        self.asked = permissions.of_workflow((self.clone / ".github/workflows" / workflow).read_text())
        self.github.remember(permissions=self.asked, used=[], refused=[])
        payload = self.folder / "event.json"
        payload.write_text(json.dumps({"repository": {"full_name": "octo/shop", "default_branch": "main"}, **(event or {})}))
        variables = {
            "SHOP_STATE": self.service.state, "GITHUB_API_URL": self.github.api, "GITHUB_REPOSITORY": "octo/shop",
            "GITHUB_RUN_ID": run_id, "GITHUB_ACTOR": actor, "GITHUB_TRIGGERING_ACTOR": actor,
            "GITHUB_SERVER_URL": "https://github.example",
            "RUNNER_TOOL_CACHE": self.folder / "tools", "GIT_CONFIG_NOSYSTEM": "1",
        }
        given = [word for name, value in variables.items() for word in ("--env", f"{name}={value}")]
        command = [
            self.act, event_name, "-W", f".github/workflows/{workflow}", "-P", "ubuntu-latest=-self-hosted", "-e", str(payload),
            "--action-offline-mode", "--no-cache-server", "--local-repository", f"lastgood/lastgood@v0={self.action}",
            "-s", f"GITHUB_TOKEN={TOKEN}", *given,
        ]
        done = subprocess.run(command, cwd=self.clone, env=self.environment(), capture_output=True, text=True, timeout=120)
        return done.returncode == 0, done.stdout + done.stderr

    def refused(self):
        """Returns what GitHub refused the last workflow, since it had not asked for it."""
        return self.github.state().get("refused", [])

    def unused(self):
        """Returns what the last workflow asked for and did not need on GitHub: git pushes, and not every run finds a dead one."""
        return set(self.asked) - {"contents", "actions", *self.github.state().get("used", [])}

    def git(self, folder, *words):
        identity = ["-c", "user.name=Ann", "-c", "user.email=ann@example.test"]
        done = subprocess.run(["git", *identity, *words], cwd=folder, env=self.environment(), capture_output=True, text=True)
        if done.returncode:
            raise AssertionError(f"git {words}: {done.stderr}")
        return done.stdout

    def refs(self):
        return self.git(self.remote, "for-each-ref", "--format=%(refname)", "refs/tags", "refs/notes").split()

    def environment(self):
        return {"HOME": str(self.folder), "PATH": os.environ["PATH"], "XDG_CACHE_HOME": str(self.folder / "cache"),
                "GIT_CONFIG_NOSYSTEM": "1"}

    def close(self):
        self.service.close()
        self.github.close()
