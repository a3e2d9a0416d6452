"""A copy of the action, a mirror on loopback, and a runner's environment, for the tests of the bootstrap."""

import gzip
import hashlib
import http.server
import io
import os
import pathlib
import platform
import shutil
import subprocess
import tarfile
import tempfile
import threading

ROOT = pathlib.Path(__file__).resolve().parents[2]
VERSION = (ROOT / "action" / "version").read_text().strip()
TARGET = {
    ("Linux", "x86_64"): "x86_64-unknown-linux-musl",
    ("Linux", "aarch64"): "aarch64-unknown-linux-musl",
    ("Darwin", "x86_64"): "x86_64-apple-darwin",
    ("Darwin", "arm64"): "aarch64-apple-darwin",
}[platform.system(), platform.machine()]
ARCH = "x64" if TARGET.startswith("x86_64") else "arm64"
RELEASE = f"lastgood-{VERSION}-{TARGET}"
ARCHIVE_PATH = f"/v{VERSION}/{RELEASE}.tar.gz"
TOOLS = "awk cat chmod cut dirname env grep gzip mkdir mktemp mv od rm rmdir sed sh sleep tar tr uname sha256sum shasum perl curl wget"

PROBE = """#!/bin/sh
[ -z "${PROBE_LOG:-}" ] || { echo "pid $$"; echo "args $*"; env; } >>"$PROBE_LOG"
exit "${PROBE_EXIT:-0}"
"""


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def archive(binary, release=RELEASE):
    """Returns a release archive that holds the binary, with a mode that runs nothing yet; the same bytes at any time."""
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", mtime=0) as plain, tarfile.open(fileobj=plain, mode="w") as tar:
        entry = tarfile.TarInfo(f"{release}/lastgood")
        entry.size, entry.mode = len(binary), 0o600
        tar.addfile(entry, io.BytesIO(binary))
    return packed.getvalue()


class Mirror:
    """Serves the files it is given and keeps the list of what was asked for."""

    def __init__(self, files, refusals=0):
        self.asked, self.files, self.refusals = [], files, refusals
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self.handler())
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def handler(mirror):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                mirror.asked.append(self.path)
                body = mirror.files.get(self.path)
                if mirror.refusals:
                    mirror.refusals -= 1
                    return self.answer(503, b"")
                self.answer(404 if body is None else 200, body or b"")

            def answer(self, status, body):
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        return Handler

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class Stand:
    """One machine with the action on it."""

    def __init__(self, without=()):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        for name in ("tools", "cache", "temp", "workspace"):
            (self.folder / name).mkdir()
        shutil.copytree(ROOT / "action", self.folder / "home" / "action")
        self.write_checksums("# no release\n")
        for tool in TOOLS.split():
            found = shutil.which(tool)
            if found and tool not in without:
                (self.folder / "tools" / tool).symlink_to(found)
        self.log = self.folder / "log"

    def commit_checksums(self, packed, binary):
        """Writes the checksums of a release as its commit has them."""
        self.write_checksums(f"# a release\n{sha256(packed)}  {RELEASE}.tar.gz\n{sha256(binary)}  {RELEASE}/lastgood\n")

    def write_checksums(self, text):
        (self.folder / "home" / "action" / "checksums.txt").write_text(text)

    def environment(self, **more):
        return {
            "PATH": str(self.folder / "tools"),
            "HOME": str(self.folder),
            "GITHUB_ACTIONS": "true",
            "GITHUB_OUTPUT": str(self.folder / "outputs"),
            "RUNNER_TOOL_CACHE": str(self.folder / "cache"),
            "RUNNER_TEMP": str(self.folder / "temp"),
            "PROBE_LOG": str(self.log),
            "no_proxy": "127.0.0.1",
            **more,
        }

    def command(self):
        return [shutil.which("sh"), str(self.folder / "home" / "action" / "bootstrap.sh")]

    def run(self, **more):
        """Runs the bootstrap and returns exit code and what it said."""
        done = subprocess.run(
            self.command(),
            env=self.environment(**more),
            cwd=self.folder / "workspace",
            capture_output=True,
            text=True,
            timeout=60,
        )
        return done.returncode, done.stdout + done.stderr

    def seen(self):
        """Returns what the binary wrote of itself; empty where none was run."""
        return self.log.read_text() if self.log.exists() else ""

    def outputs(self):
        path = self.folder / "outputs"
        return path.read_text() if path.exists() else ""

    def cached(self):
        return self.folder / "cache" / "lastgood" / VERSION / ARCH / "lastgood"

    def left_over(self):
        return os.listdir(self.folder / "temp")

    def install(self, path, content):
        place = self.folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(content)
        place.chmod(0o755)
        return place

    def close(self):
        shutil.rmtree(self.folder)
