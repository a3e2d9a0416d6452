"""The examples for other CI systems and for a plain shell, in the same little world."""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from shop import BINARY, ROOT, Shop


class Elsewhere(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if not BINARY.exists():
            raise unittest.SkipTest(f"{BINARY} is not built; scripts/test builds it")

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        self.shop = Shop(self.folder, None)
        self.addCleanup(self.shop.close)
        (self.folder / "bin").mkdir()
        (self.folder / "bin" / "lastgood").symlink_to(BINARY)

    def environment(self, **more):
        own = self.shop.environment()
        path = f"{self.folder / 'bin'}:{own['PATH']}"
        return {**own, "PATH": path, "SHOP_STATE": str(self.shop.service.state), **more}

    def run_here(self, *command, **more):
        return subprocess.run(command, cwd=self.shop.clone, env=self.environment(**more), capture_output=True, text=True)

    def test_gitlab_deploys_leaves_a_dotenv_report_and_verifies_by_schedule(self):
        if not shutil.which("npm"):
            self.skipTest("npm is not there, so there is no GitLab runner")
        tools = subprocess.run([ROOT / "scripts/tools/install", "node"], check=True, stdout=subprocess.PIPE, text=True)
        runner = pathlib.Path(tools.stdout.strip(), "gitlab-ci-local", "src", "index.js")
        self.shop.write(".gitlab-ci.yml", (ROOT / "examples" / "gitlab-ci.yml").read_text())
        self.shop.write(".gitignore", ".gitlab-ci-local/\nlastgood.env\n")
        self.shop.git(self.shop.clone, "remote", "set-head", "origin", "main")
        good = self.shop.push("good")
        given = ["--force-shell-executor", "--variable", f"SHOP_STATE={self.shop.service.state}"]
        done = self.run_here("node", str(runner), *given, "production")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual(self.shop.service.runs(), good)
        report = (self.shop.clone / "lastgood.env").read_text()
        self.assertIn("LASTGOOD_RESULT=ok\n", report)
        self.assertIn(f"LASTGOOD_VERSION={good}\n", report)
        scheduled = [*given, "--variable", "CI_PIPELINE_SOURCE=schedule"]
        done = self.run_here("node", str(runner), *scheduled, "production nightly")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_a_shell_tells_by_its_exit_code_how_it_ended(self):
        script = ROOT / "examples" / "deploy-and-watch.sh"
        first = self.run_here(str(script), "1.0")
        self.assertEqual((first.returncode, self.shop.service.runs()), (0, "1.0"), first.stderr)
        self.shop.service.sick.add("2.0")
        second = self.run_here(str(script), "2.0")
        self.assertEqual((second.returncode, self.shop.service.runs()), (4, "1.0"), second.stderr)

    def test_each_command_of_the_jenkinsfile_does_what_its_stage_says(self):
        """There is no Jenkins here: the steps are run as its agent would, with the variables that it sets."""
        text = (ROOT / "examples" / "Jenkinsfile").read_text()
        deploy, rollback, history = re.findall(r"\bsh '([^']+)'", text)
        good = self.shop.push("good")
        given = {"LASTGOOD_IN_ENVIRONMENT": "production", "LASTGOOD_IN_TOKEN": "no-such-token"}
        done = self.run_here("sh", "-c", deploy, GIT_COMMIT=good, **given)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.run_here("sh", "-c", deploy, GIT_COMMIT=self.shop.push("better"), **given)
        done = self.run_here("sh", "-c", rollback, ROLLBACK_TO="1", REASON="it $(is) \"slow\"", **given)
        self.assertEqual((done.returncode, self.shop.service.runs()), (0, good), done.stderr)
        self.run_here("sh", "-c", history, **given)
        self.assertIn('"rolled_back"', (self.shop.clone / "lastgood-history.json").read_text())

    def test_the_configuration_beside_the_examples_has_no_mistake(self):
        done = self.run_here("lastgood", "--config", str(ROOT / "examples" / "lastgood.yml"), "config", "check")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
