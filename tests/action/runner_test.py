"""The action under a workflow runner: inputs arrive, outputs and failures leave."""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from stand import ROOT

NAMES = re.compile(r"^  ([a-z-]+):$", re.M)
INPUTS, OUTPUTS = (NAMES.findall(part) for part in re.split(r"^outputs:\n", ROOT.joinpath("action.yml").read_text(), flags=re.M))
HOSTILE = "$(touch spliced) `touch spliced` \"; touch spliced; ' && %0A::error::x"

# The runner used here also sets INPUT_*, which GitHub's does not do for a composite action.
WITHOUT_INPUT_VARIABLES = """#!/bin/sh
exec env $(env | sed -n 's/^\\(INPUT_[^=]*\\)=.*/-u \\1/p') sh "${0%/*}/real-bootstrap.sh"
"""
BINARY = """#!/bin/sh
env -0 >"$PROBE_FILE"
[ "$PROBE_OUTPUTS" = none ] || cat "$PROBE_OUTPUTS" >>"$GITHUB_OUTPUT"
exit "$PROBE_EXIT"
"""


def workflow(inputs):
    given = "".join(f"\n          {name}: {value}" for name, value in inputs.items())
    told = "".join(f"\n          OUT_{name}: ${{{{ steps.it.outputs.{name} }}}}" for name in OUTPUTS)
    return f"""on: push
jobs:
  job:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v6
      - id: it
        uses: ./
        continue-on-error: true
        with:{given}
      - run: env -0 >"$AFTER_FILE"
        env:
          OUTCOME: ${{{{ steps.it.outcome }}}}{told}
"""


class UnderARunner(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        tools = subprocess.run([ROOT / "scripts/tools/install", "python"], check=True, stdout=subprocess.PIPE, text=True)
        cls.act = pathlib.Path(tools.stdout.strip()) / "act"

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        self.repository = self.folder / "repository"
        self.repository.mkdir()
        self.install_action()

    def install_action(self):
        shutil.copy(ROOT / "action.yml", self.repository)
        shutil.copytree(ROOT / "action", self.repository / "action")
        script = self.repository / "action" / "bootstrap.sh"
        script.rename(script.with_name("real-bootstrap.sh"))
        script.write_text(WITHOUT_INPUT_VARIABLES)
        binary = self.repository / "lastgood"
        binary.write_text(BINARY)
        binary.chmod(0o755)

    def run_job(self, inputs, outputs=None, exit_code=0, remote=None):
        """Runs one job and returns what the binary saw and what the next step saw."""
        path = self.repository / ".github" / "workflows" / "job.yml"
        path.parent.mkdir(parents=True)
        path.write_text(workflow({"binary-path": "lastgood", **inputs}))
        self.git("init", "--quiet")
        self.git("add", "--all")
        self.git("-c", "user.name=t", "-c", "user.email=t@example.test", "commit", "--quiet", "--message", "job")
        variables = {"PROBE_FILE": self.folder / "seen", "AFTER_FILE": self.folder / "after", "PROBE_EXIT": exit_code,
                     "PROBE_OUTPUTS": self.write_outputs(outputs)}
        if remote:
            self.git("push", "--quiet", str(remote), "HEAD:refs/heads/main")
            variables["LASTGOOD_IN_REMOTE"] = remote.as_uri()
        given = [word for name, value in variables.items() for word in ("--env", f"{name}={value}")]
        command = [self.act, "push", "-P", "ubuntu-latest=-self-hosted", "--action-offline-mode", "--no-cache-server", *given]
        done = subprocess.run(command, cwd=self.repository, env=self.environment(), capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return variables_in(self.folder / "seen"), variables_in(self.folder / "after")

    def write_outputs(self, outputs):
        if outputs is None:
            return "none"
        path = self.folder / "outputs"
        path.write_text("".join(f"{name}<<the-end\n{value}\nthe-end\n" for name, value in outputs.items()))
        return path

    def git(self, *words):
        subprocess.run(["git", *words], cwd=self.repository, env=self.environment(), check=True, capture_output=True)

    def environment(self):
        return {"HOME": str(self.folder), "PATH": os.environ["PATH"], "XDG_CACHE_HOME": str(self.folder / "cache")}

    def test_each_input_reaches_the_binary_by_its_name_and_nothing_is_spliced_into_a_shell(self):
        values = {name: f"value of {name}" for name in INPUTS if name != "binary-path"}
        block = f"|-\n            {HOSTILE}\n            second line"
        seen, _ = self.run_job({**values, "reason": block})
        expected = {**values, "reason": f"{HOSTILE}\nsecond line", "binary-path": "lastgood"}
        self.assertEqual(of_lastgood(seen), {variable(name): value for name, value in expected.items()})
        self.assertEqual([name for name in seen if name.startswith("INPUT_")], [])
        self.assertEqual(list(self.folder.rglob("spliced")), [])

    def test_inputs_that_are_not_given_are_absent_or_their_default(self):
        seen, _ = self.run_job({})
        self.assertEqual(
            of_lastgood(seen),
            {"LASTGOOD_IN_COMMAND": "auto", "LASTGOOD_IN_AUTO_ROLLBACK": "false", "LASTGOOD_IN_BINARY_PATH": "lastgood"},
        )

    def test_each_output_leaves_the_action_also_where_the_step_fails(self):
        told = {name: f"told of {name}" for name in OUTPUTS}
        _, after = self.run_job({}, outputs=told, exit_code=3)
        self.assertEqual({name: after[f"OUT_{name}"] for name in OUTPUTS}, told)
        self.assertEqual(after["OUTCOME"], "failure")

    def test_a_bootstrap_that_finds_no_binary_fails_the_step_and_says_so_in_the_outputs(self):
        _, after = self.run_job({"binary-path": "not-there"})
        self.assertEqual((after["OUTCOME"], after["OUT_result"], after["OUT_reason"]), ("failure", "invalid", "no_binary"))

    def test_the_real_binary_records_a_deployment_and_tells_it_to_the_next_steps(self):
        binary = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"), "debug", "lastgood")
        if not binary.exists():
            self.skipTest(f"{binary} is not built; scripts/test builds it")
        remote = self.folder / "remote.git"
        subprocess.run(["git", "init", "--quiet", "--bare", remote], check=True)
        given = {"binary-path": str(binary), "command": "record", "environment": "production", "version": "1.0"}
        _, after = self.run_job(given, remote=remote)
        told = {name: after[f"OUT_{name}"] for name in ("result", "reason", "deployment", "version", "last-stable")}
        self.assertEqual(
            told, {"result": "ok", "reason": "recorded", "deployment": "1", "version": "1.0", "last-stable": ""}
        )
        refs = subprocess.run(["git", "for-each-ref", "--format=%(refname)"], cwd=remote, check=True, capture_output=True, text=True)
        self.assertEqual(
            refs.stdout.split(), ["refs/heads/main", "refs/notes/lastgood/production", "refs/tags/deploy/production/1"]
        )


def variable(name):
    return "LASTGOOD_IN_" + name.upper().replace("-", "_")


def of_lastgood(variables):
    return {name: value for name, value in variables.items() if name.startswith("LASTGOOD_IN_")}


def variables_in(path):
    if not path.exists():
        return {}
    return dict(entry.split("=", 1) for entry in path.read_text().split("\0") if entry)


if __name__ == "__main__":
    unittest.main()
