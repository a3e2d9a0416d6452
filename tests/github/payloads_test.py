"""Every example of an event that GitHub publishes is read, or refused with a reason; none crashes.

Each goes to `lastgood comment` twice: as the file that is named, and as the event of a workflow that it set off.
"""

import concurrent.futures
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
CONFIGURATION = "version: 1\nenvironments: {production: {}}\n"
TOKEN = "github-token-of-tests"


@unittest.skipUnless(shutil.which("npm"), "npm is not installed, so that GitHub's examples cannot be had")
class Payloads(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        tools = subprocess.run([ROOT / "scripts/tools/install", "github"], check=True, capture_output=True, text=True)
        examples = pathlib.Path(tools.stdout.strip()) / "@octokit/webhooks-examples/api.github.com/index.json"
        events = json.loads(examples.read_text())
        cls.payloads = [(event["name"], payload) for event in events for payload in event["examples"]]
        subprocess.run(["cargo", "build", "--quiet", "--locked", "--features", "faults", "--bin", "lastgood"], cwd=ROOT, check=True)
        target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
        cls.binary = target / "debug" / "lastgood"
        cls.fake = subprocess.Popen([sys.executable, ROOT / "tests/github/fake.py"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        cls.addClassCleanup(cls.fake.stdout.close)
        cls.addClassCleanup(cls.fake.communicate)
        cls.api = f"http://127.0.0.1:{cls.fake.stdout.readline().strip()}"

    def test_each_is_read_or_refused_with_a_reason(self):
        self.assertGreaterEqual(len(self.payloads), 329)
        with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(4) as crew:
            heard = [crew.submit(self.hear, pathlib.Path(folder, str(at)), *one) for at, one in enumerate(self.payloads)]
            wrong = [complaint for future in heard for complaint in future.result()]
        self.assertEqual("\n".join(wrong), "")

    def hear(self, folder, name, payload):
        folder.mkdir()
        (folder / "lastgood.yml").write_text(CONFIGURATION)
        (folder / "event.json").write_text(json.dumps(payload))
        by_file = self.run_in(folder, payload, ["--event", "event.json"], {})
        by_event = self.run_in(folder, payload, [], {"GITHUB_EVENT_NAME": name, "GITHUB_EVENT_PATH": str(folder / "event.json")})
        return [f"{name}: {complaint}" for complaint in (by_file, by_event) if complaint]

    def run_in(self, folder, payload, arguments, more):
        repository = payload.get("repository") or {}
        environment = {
            "PATH": os.environ["PATH"], "HOME": str(folder), "LASTGOOD_IN_TOKEN": TOKEN, "GITHUB_API_URL": self.api,
            "GITHUB_SERVER_URL": "https://github.com", "GITHUB_REPOSITORY": repository.get("full_name") or "octo/shop", **more,
        }
        ran = subprocess.run([self.binary, "comment", "--format", "json", *arguments], cwd=folder, env=environment, capture_output=True, text=True)
        if ran.returncode not in range(9) or "panicked" in ran.stderr:
            return f"ended {ran.returncode}: {ran.stderr}"
        told = json.loads(ran.stdout or "{}")
        return None if told.get("reason") and told.get("message") else f"gave no reason: {ran.stdout}{ran.stderr}"


if __name__ == "__main__":
    unittest.main()
