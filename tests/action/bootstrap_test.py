"""The bootstrap runs a binary it can trust, or none."""

import pathlib
import re
import subprocess
import sys
import unittest
import unittest.mock

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from stand import ARCHIVE_PATH, PROBE, ROOT, VERSION, Mirror, Stand, archive, sha256

BINARY = PROBE.encode()
PACKED = archive(BINARY)
EVIL = b"#!/bin/sh\necho evil >>\"$PROBE_LOG\"\n"


class Bootstrap(unittest.TestCase):
    def stand(self, **choices):
        stand = Stand(**choices)
        self.addCleanup(stand.close)
        return stand

    def released(self, **choices):
        stand = self.stand(**choices)
        stand.commit_checksums(PACKED, BINARY)
        return stand

    def mirror(self, packed=PACKED, **choices):
        mirror = Mirror({ARCHIVE_PATH: packed}, **choices)
        self.addCleanup(mirror.close)
        return mirror

    def assert_failed(self, stand, ending, result, reason, *words):
        code, said = ending
        self.assertEqual(code, {"failed": 1, "invalid": 2}[result], said)
        self.assertEqual(stand.outputs(), f"result={result}\nreason={reason}\n")
        self.assertEqual(stand.seen(), "")
        for word in words:
            self.assertIn(word, said)
        self.assertIn("next: ", said)


class Archives(unittest.TestCase):
    def test_the_archive_of_a_binary_has_one_checksum_whenever_it_is_made(self):
        made = []
        for second in (1_000_000_000, 2_000_000_000):
            with unittest.mock.patch("time.time", return_value=second):
                made.append(archive(BINARY))
        self.assertEqual(*made)


class Fetching(Bootstrap):
    def test_a_release_with_the_committed_checksum_is_fetched_from_the_mirror_and_run(self):
        stand, mirror = self.released(), self.mirror()
        code, said = stand.run(LASTGOOD_IN_DOWNLOAD_BASE_URL=mirror.url + "/")
        self.assertEqual((code, said), (0, ""))
        self.assertEqual(mirror.asked, [ARCHIVE_PATH])
        self.assertIn("args action\n", stand.seen())
        self.assertEqual(stand.left_over(), [])

    def test_wget_does_where_there_is_no_curl(self):
        stand, mirror = self.released(without=("curl",)), self.mirror()
        code, said = stand.run(LASTGOOD_IN_DOWNLOAD_BASE_URL=mirror.url)
        self.assertEqual((code, said), (0, ""))
        self.assertIn("args action\n", stand.seen())

    def test_a_mirror_that_is_busy_is_asked_again(self):
        for without in (("wget",), ("curl",)):
            with self.subTest(without=without):
                stand, mirror = self.released(without=without), self.mirror(refusals=1)
                code, said = stand.run(LASTGOOD_IN_DOWNLOAD_BASE_URL=mirror.url)
                self.assertEqual((code, said), (0, ""))
                self.assertEqual(len(mirror.asked), 2)

    def test_the_proxy_of_the_environment_is_used(self):
        stand, proxy = self.released(), self.mirror()
        proxy.files = {"http://mirror.invalid" + ARCHIVE_PATH: PACKED}
        code, said = stand.run(LASTGOOD_IN_DOWNLOAD_BASE_URL="http://mirror.invalid", http_proxy=proxy.url)
        self.assertEqual((code, said), (0, ""))

    def test_an_archive_with_another_checksum_is_refused_and_nothing_is_run(self):
        stand, mirror = self.released(), self.mirror(archive(EVIL))
        ending = stand.run(LASTGOOD_IN_DOWNLOAD_BASE_URL=mirror.url)
        self.assert_failed(stand, ending, "failed", "wrong_checksum", sha256(PACKED), sha256(archive(EVIL)))
        self.assertFalse(stand.cached().exists())
        self.assertEqual(stand.left_over(), [])

    def test_a_binary_that_is_not_the_committed_one_is_refused_even_in_the_right_archive(self):
        stand, mirror = self.stand(), self.mirror(archive(EVIL))
        stand.commit_checksums(archive(EVIL), BINARY)
        ending = stand.run(LASTGOOD_IN_DOWNLOAD_BASE_URL=mirror.url)
        self.assert_failed(stand, ending, "failed", "wrong_checksum", sha256(EVIL))

    def test_a_mirror_that_does_not_have_it_is_named(self):
        stand, mirror = self.released(), self.mirror()
        mirror.files = {}
        ending = stand.run(LASTGOOD_IN_DOWNLOAD_BASE_URL=mirror.url)
        self.assert_failed(stand, ending, "failed", "no_binary", mirror.url + ARCHIVE_PATH, "404", "`binary-path`")

    def test_an_address_that_is_none_is_refused(self):
        stand = self.released()
        ending = stand.run(LASTGOOD_IN_DOWNLOAD_BASE_URL="file:///etc")
        self.assert_failed(stand, ending, "invalid", "no_binary", "`file:///etc`")

    def test_a_machine_without_a_downloader_or_a_hasher_is_told_what_to_install(self):
        for without, word in ((("curl", "wget"), "`curl`"), (("sha256sum", "shasum"), "`sha256sum`")):
            with self.subTest(without=without):
                stand, mirror = self.released(without=without), self.mirror()
                ending = stand.run(LASTGOOD_IN_DOWNLOAD_BASE_URL=mirror.url)
                self.assert_failed(stand, ending, "failed", "no_binary", word, "install one of them")


class Cache(Bootstrap):
    def test_the_second_run_takes_it_from_the_tool_cache(self):
        stand, mirror = self.released(), self.mirror()
        for _ in range(2):
            code, said = stand.run(LASTGOOD_IN_DOWNLOAD_BASE_URL=mirror.url)
            self.assertEqual((code, said), (0, ""))
        self.assertEqual(len(mirror.asked), 1)
        self.assertEqual(stand.seen().count("args action\n"), 2)

    def test_a_poisoned_cache_is_told_and_replaced_and_never_run(self):
        stand, mirror = self.released(), self.mirror()
        stand.install(stand.cached(), EVIL.decode())
        code, said = stand.run(LASTGOOD_IN_DOWNLOAD_BASE_URL=mirror.url)
        self.assertEqual(code, 0)
        self.assertIn("::warning title=lastgood::the cached", said)
        self.assertNotIn("evil", stand.seen())
        self.assertEqual(stand.cached().read_bytes(), BINARY)

    def test_without_a_tool_cache_it_is_fetched_each_time(self):
        stand, mirror = self.released(), self.mirror()
        for _ in range(2):
            self.assertEqual(stand.run(LASTGOOD_IN_DOWNLOAD_BASE_URL=mirror.url, RUNNER_TOOL_CACHE="")[0], 0)
        self.assertEqual(len(mirror.asked), 2)


class GivenAndBuilt(Bootstrap):
    def test_binary_path_is_taken_as_given(self):
        stand = self.released()
        stand.install("workspace/tools/lastgood", PROBE)
        code, said = stand.run(LASTGOOD_IN_BINARY_PATH="tools/lastgood")
        self.assertEqual((code, said), (0, ""))
        self.assertIn("args action\n", stand.seen())

    def test_binary_path_may_be_a_name_on_the_path(self):
        stand = self.stand()
        stand.install("tools/lastgood", PROBE)
        self.assertEqual(stand.run(LASTGOOD_IN_BINARY_PATH="lastgood"), (0, ""))

    def test_a_binary_path_that_is_no_program_is_refused(self):
        stand = self.released()
        (stand.folder / "workspace" / "notes.txt").write_text("not a program")
        for path in ("missing/lastgood", "notes.txt"):
            with self.subTest(path=path):
                (stand.folder / "outputs").unlink(missing_ok=True)
                ending = stand.run(LASTGOOD_IN_BINARY_PATH=path)
                self.assert_failed(stand, ending, "invalid", "no_binary", f"`{path}`")

    def test_no_binary_and_no_cargo_gives_a_clear_error(self):
        stand = self.stand()
        ending = stand.run()
        self.assert_failed(stand, ending, "failed", "no_binary", VERSION, "release tag", "install Rust", "`binary-path`")

    def test_a_source_checkout_is_built_where_there_is_cargo(self):
        stand = self.stand()
        stand.install("home/Cargo.toml", "")
        stand.install("probe", PROBE)
        stand.install("tools/cargo", CARGO)
        code, said = stand.run(PROBE=str(stand.folder / "probe"), LASTGOOD_IN_TOKEN="secret", CARGO_BUILD_TARGET="x")
        self.assertEqual(code, 0, said)
        self.assertIn("build --release --locked --bin lastgood", said)
        self.assertIn("seen by cargo: token= target=\n", said)
        self.assertIn("LASTGOOD_IN_TOKEN=secret\n", stand.seen())

    def test_what_cargo_prints_is_no_command_to_the_runner(self):
        stand = self.stand()
        stand.install("home/Cargo.toml", "")
        stand.install("tools/cargo", "#!/bin/sh\necho ::add-mask::x\nexit 101\n")
        ending = stand.run()
        self.assert_failed(stand, ending, "failed", "no_binary", "could not be built")
        self.assertRegex(ending[1], r"(?s)^::stop-commands::([0-9a-f]{32})\n::add-mask::x\n::\1::\n::error ")


CARGO = """#!/bin/sh
echo "$*"; echo "seen by cargo: token=${LASTGOOD_IN_TOKEN:-} target=${CARGO_BUILD_TARGET:-}"
while [ "$1" != --target-dir ]; do shift; done
mkdir -p "$2/release"; cat "$PROBE" >"$2/release/lastgood"; chmod 755 "$2/release/lastgood"
"""


class HandingOver(Bootstrap):
    def test_inputs_reach_the_binary_and_empty_ones_do_not(self):
        stand = self.stand()
        stand.install("tools/lastgood", PROBE)
        stand.run(LASTGOOD_IN_BINARY_PATH="lastgood", LASTGOOD_IN_REASON="two\nlines", LASTGOOD_IN_TO="")
        self.assertIn("LASTGOOD_IN_REASON=two\nlines\n", stand.seen())
        self.assertNotIn("LASTGOOD_IN_TO=", stand.seen())

    def test_every_input_is_handed_over_and_none_is_kept_when_empty(self):
        names = re.findall(r"^  ([a-z-]+):$", ROOT.joinpath("action.yml").read_text().split("outputs:")[0], re.M)
        variables = ["LASTGOOD_IN_" + name.upper().replace("-", "_") for name in names]
        self.assertEqual(len(variables), 13)
        for name, variable in zip(names, variables):
            self.assertEqual(ROOT.joinpath("action.yml").read_text().count(f"{variable}: ${{{{ inputs.{name} }}}}"), 2)
        stand = self.stand()
        stand.install("tools/lastgood", PROBE)
        empty = dict.fromkeys(variables, "")
        stand.run(**{**empty, "LASTGOOD_IN_BINARY_PATH": "lastgood"})
        self.assertEqual(re.findall(r"LASTGOOD_IN_\w+", stand.seen()), ["LASTGOOD_IN_BINARY_PATH"])

    def test_the_exit_code_is_the_binarys(self):
        stand = self.stand()
        stand.install("tools/lastgood", PROBE)
        self.assertEqual(stand.run(LASTGOOD_IN_BINARY_PATH="lastgood", PROBE_EXIT="4"), (4, ""))

    def test_the_binary_takes_the_place_of_the_script_so_that_signals_reach_it(self):
        stand = self.stand()
        stand.install("tools/lastgood", PROBE)
        environment = stand.environment(LASTGOOD_IN_BINARY_PATH="lastgood")
        child = subprocess.Popen(stand.command(), env=environment)
        child.wait(20)
        self.assertIn(f"pid {child.pid}\n", stand.seen())

    def test_foreign_text_in_an_error_cannot_speak_to_the_runner_or_the_terminal(self):
        stand = self.stand()
        _, said = stand.run(LASTGOOD_IN_BINARY_PATH="x\n::error::y\n##[error]z\x1b[31m%0A")
        self.assertEqual(len(said.splitlines()), 1)
        self.assertTrue(said.startswith("::error title=lastgood::`binary-path` is `x : :error: :y ##(error]z?[31m%250A`"), said)

    def test_no_expression_stands_in_a_line_that_is_run(self):
        for line in ROOT.joinpath("action.yml").read_text().splitlines():
            if line.lstrip().startswith("run:"):
                self.assertNotIn("${{", line)


class Files(unittest.TestCase):
    def test_the_actions_version_is_that_of_the_crate(self):
        self.assertIn(f'\nversion = "{VERSION}"\n', ROOT.joinpath("Cargo.toml").read_text())

    def test_committed_checksums_are_of_this_version_alone(self):
        for line in ROOT.joinpath("action", "checksums.txt").read_text().splitlines():
            self.assertRegex(line, rf"^#|^[0-9a-f]{{64}}  lastgood-{re.escape(VERSION)}-\S+$")


if __name__ == "__main__":
    unittest.main()
