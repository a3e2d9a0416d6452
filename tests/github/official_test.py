"""Every request that lastgood makes of GitHub is one that the official description knows, and so is every answer of the tests' GitHub.

Runs the tests of `src/adapters/github` once more with the description's own proxy in between, and so the examples under a
workflow runner. The page of permissions says which endpoints these are: the description is cut to them, so that no other can
be asked, and each of them must have been.
"""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.request

from proxy import Proxy

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "action"))
import examples_test

PAGE = ROOT / "docs" / "permissions.md"
ROW = re.compile(r"^\| `(GET|POST|PATCH|PUT|DELETE) (/[^` ]*)` \|", re.M)

# What these ask is no sense on purpose: they are about budgets, refusals and repetitions.
SENSELESS = "github::tests::transport"

# One of each example that a team begins with.
EXAMPLES = [
    "test_github_shows_the_sick_one_failed_and_the_restored_one_live",
    "test_a_maintainers_comment_brings_the_last_stable_one_back",
    "test_the_schedule_is_silent_while_it_is_healthy",
]


def endpoints():
    return [(method, path) for method, path in ROW.findall(PAGE.read_text())]


def cut(description, wanted):
    """Returns a description of these endpoints alone, with all that they refer to."""
    short = {"openapi": description["openapi"], "info": description["info"], "paths": {}, "components": {}}
    for method, path in wanted:
        short["paths"].setdefault(path, {})[method.lower()] = description["paths"][path][method.lower()]
    known, left = set(), list(references(short["paths"]))
    while left:
        reference = left.pop()
        if reference not in known:
            known.add(reference)
            _, top, kind, name = reference.split("/")
            short[top].setdefault(kind, {})[name] = description[top][kind][name]
            left.extend(references(description[top][kind][name]))
    return short


def references(node):
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        node = list(node.values())
    if isinstance(node, list):
        for item in node:
            yield from references(item)


def node():
    """Returns the version of node; zero where there is none."""
    if not shutil.which("node"):
        return (0, 0)
    told = subprocess.run(["node", "--version"], check=True, capture_output=True, text=True).stdout
    return tuple(int(part) for part in told.strip().lstrip("v").split(".")[:2])


@unittest.skipUnless(shutil.which("npm"), "npm is not installed, so that GitHub's description cannot be had")
@unittest.skipUnless(node() >= (20, 19), "node is older than 20.19, which the proxy needs")
class Official(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        tools = subprocess.run([ROOT / "scripts/tools/install", "github"], check=True, capture_output=True, text=True)
        modules = pathlib.Path(tools.stdout.strip())
        description = json.loads((modules / "@octokit/openapi/generated/api.github.com.json").read_text())
        cls.missing = [f"{method} {path}" for method, path in endpoints() if method.lower() not in description["paths"].get(path, {})]
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        short = pathlib.Path(cls.folder.name) / "description.json"
        wanted = [row for row in endpoints() if " ".join(row) not in cls.missing]
        short.write_text(json.dumps(cut(description, wanted)))
        cls.proxy = Proxy()
        cls.addClassCleanup(cls.proxy.close)
        cls.start_prism(modules, short)

    @classmethod
    def start_prism(cls, modules, description):
        log = open(pathlib.Path(cls.folder.name) / "prism.log", "w+")
        cls.addClassCleanup(log.close)
        back = cls.proxy.address(cls.proxy.back)
        command = ["node", str(modules / "@stoplight/prism-cli/dist/index.js"), "proxy", str(description), back, "--host", "127.0.0.1", "--port", "0"]
        prism = subprocess.Popen(command, stdout=log, stderr=log)
        cls.addClassCleanup(prism.wait)
        cls.addClassCleanup(prism.terminate)
        until = time.monotonic() + 120
        while time.monotonic() < until and prism.poll() is None:
            found = re.search(r"listening on http://127\.0\.0\.1:(\d+)", pathlib.Path(log.name).read_text())
            if found:
                cls.proxy.prism = int(found[1])
                return
            time.sleep(0.2)
        raise AssertionError(pathlib.Path(log.name).read_text())

    def test_every_request_is_accepted_and_every_endpoint_of_the_page_is_asked(self):
        self.assertEqual(self.missing, [], "docs/permissions.md names what GitHub does not describe")
        environment = {**os.environ, "LASTGOOD_TEST_GITHUB_PROXY": self.proxy.address(self.proxy.front)}
        ran = subprocess.run([*runner(), "adapters::github::tests", "--", "--skip", SENSELESS], cwd=ROOT, env=environment)
        self.nothing_is_objected_to()
        self.assertEqual(ran.returncode, 0, "the tests failed with the description in between")
        unasked = {row for row in endpoints() if not any(fits(row, asked) for asked in self.proxy.asked)}
        self.assertEqual(unasked, set(), "docs/permissions.md names what no test has asked")

    def test_the_examples_ask_only_what_is_described(self):
        described = type("Described", (examples_test.Examples,), {"door": self.proxy.address(self.proxy.front)})
        before, ended = self.proxy.served(), unittest.TestResult()
        unittest.TestSuite(map(described, EXAMPLES)).run(ended)
        for _, reason in ended.skipped:
            self.skipTest(reason)
        self.nothing_is_objected_to()
        self.assertEqual([told for _, told in ended.failures + ended.errors], [])
        self.assertEqual(ended.testsRun, len(EXAMPLES))
        self.assertGreater(self.proxy.served(), before, "no example came in by the door")

    def nothing_is_objected_to(self):
        if self.proxy.violations:
            self.fail("GitHub's description objects:\n" + "\n".join(sorted(set(self.proxy.violations))))

    def test_what_is_not_described_is_objected_to(self):
        fake = subprocess.Popen([sys.executable, ROOT / "tests/github/fake.py"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.addCleanup(fake.stdout.close)
        self.addCleanup(fake.communicate)
        base = f"{self.proxy.address(self.proxy.front)}/{fake.stdout.readline().strip()}"
        for path, body in [("/repos/octo/shop/no-such-thing", None), ("/repos/octo/shop/deployments", b'{"ref": 3}')]:
            before = len(self.proxy.violations)
            request = urllib.request.Request(base + path, body, {"content-type": "application/json"})
            with self.assertRaises(urllib.error.HTTPError):
                urllib.request.urlopen(request)
            self.assertGreater(len(self.proxy.violations), before, path)
            del self.proxy.violations[before:]


def runner():
    common = ["--locked", "--features", "faults", "--lib"]
    nextest = subprocess.run(["cargo", "nextest", "--version"], capture_output=True, cwd=ROOT)
    if nextest.returncode == 0:
        return ["cargo", "nextest", "run", *common, "--no-fail-fast", "--status-level", "fail"]
    return ["cargo", "test", *common]


def fits(row, asked):
    (method, template), (asked_method, path) = row, asked
    pattern = re.sub(r"\\\{[^/]+?\\\}", "[^/]+", re.escape(template))
    return method == asked_method and re.fullmatch(pattern, path)


if __name__ == "__main__":
    unittest.main()
