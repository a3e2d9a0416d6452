"""What a release writes is what the bootstrap reads."""

import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest
import zipfile

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from stand import ARCHIVE_PATH, PROBE, RELEASE, ROOT, TARGET, VERSION, Mirror, Stand, archive

UNIX = ("x86_64-unknown-linux-musl", "aarch64-unknown-linux-musl", "x86_64-apple-darwin", "aarch64-apple-darwin")
WINDOWS = f"lastgood-{VERSION}-x86_64-pc-windows-msvc"


class Release(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        for target in UNIX:
            release = f"lastgood-{VERSION}-{target}"
            (self.folder / f"{release}.tar.gz").write_bytes(archive(PROBE.encode(), release))
        with zipfile.ZipFile(self.folder / f"{WINDOWS}.zip", "w") as packed:
            packed.writestr(f"{WINDOWS}/lastgood.exe", PROBE)

    def script(self, name, *words):
        return subprocess.run([ROOT / "scripts" / name, *words], capture_output=True, text=True)

    def test_the_checksums_of_a_release_let_its_archive_be_installed(self):
        checksums = self.script("release-checksums", self.folder)
        self.assertEqual((checksums.returncode, checksums.stderr), (0, ""))
        stand = Stand()
        self.addCleanup(stand.close)
        stand.write_checksums(checksums.stdout)
        mirror = Mirror({ARCHIVE_PATH: (self.folder / f"{RELEASE}.tar.gz").read_bytes()})
        self.addCleanup(mirror.close)
        self.assertEqual(stand.run(LASTGOOD_IN_DOWNLOAD_BASE_URL=mirror.url), (0, ""))
        self.assertIn("args action\n", stand.seen())

    def test_the_checksums_name_each_archive_and_the_binary_in_it(self):
        lines = self.script("release-checksums", self.folder).stdout.splitlines()
        named = [line.split("  ")[1] for line in lines if not line.startswith("#")]
        expected = [f"lastgood-{VERSION}-{target}{part}" for target in UNIX for part in (".tar.gz", "/lastgood")]
        self.assertEqual(named, [*expected, f"{WINDOWS}.zip", f"{WINDOWS}/lastgood.exe"])
        self.assertIn(TARGET, UNIX)

    def test_a_release_that_lacks_an_archive_has_no_checksums(self):
        (self.folder / f"{WINDOWS}.zip").unlink()
        self.assertNotEqual(self.script("release-checksums", self.folder).returncode, 0)

    def test_a_version_without_a_section_in_the_changelog_is_not_released(self):
        told = self.script("release-notes", "999.0.0")
        self.assertEqual((told.returncode, told.stdout), (1, ""))
        self.assertIn("`## 999.0.0`", told.stderr)
        self.assertEqual(self.script("release-notes", "Unreleased").returncode, 0)


if __name__ == "__main__":
    unittest.main()
