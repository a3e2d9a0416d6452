"""Runs a Kubernetes control plane on loopback, of the programs in a folder, until its standard input ends.

The path of a kubeconfig is printed once all of it answers. Its context `admin`, the current one, may do everything; its
context `guest` may do nothing until something is granted to the user `guest`.
"""

import json
import os
import pathlib
import queue
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

import nodes
from api import Api

PATIENCE = 60
TRIES = 3
CONTROLLERS = "daemonset,deployment,endpoint,garbagecollector,job,namespace,replicaset,statefulset"
USERS = ("admin", "guest")


class Ended(Exception):
    """A part ended by itself."""


class Cluster:
    def __init__(self, programs, folder):
        self.programs = programs
        self.folder = folder
        self.parts = []
        self.news = queue.Queue()
        self.tokens = {user: secrets.token_hex(16) for user in USERS}
        self.port = None
        self.api = None

    def start(self):
        client, peer, self.port = free_ports(3)
        self.part("etcd", etcd(self.folder, client, peer))
        self.part("kube-apiserver", self.server(client))
        certificate = self.folder / "certificates" / "apiserver.crt"
        self.until("a certificate", certificate.exists)
        self.until("an answer of the server", lambda: self.is_ready(certificate))
        self.api = Api(self.port, certificate, self.tokens["admin"])
        kubeconfig = self.kubeconfig(certificate)
        manager = ["--leader-elect=false", "--port=0", "--secure-port=0", f"--controllers={CONTROLLERS}"]
        self.part("kube-controller-manager", [f"--kubeconfig={kubeconfig}", *manager])
        self.aside("nodes", lambda: nodes.serve(self.api))
        self.until("the nodes", self.has_nodes)
        return kubeconfig

    def server(self, etcd_port):
        tokens = self.folder / "tokens"
        groups = {"admin": '"system:masters"', "guest": '""'}
        tokens.write_text("".join(f"{token},{user},{user},{groups[user]}\n" for user, token in self.tokens.items()))
        certificates = self.folder / "certificates"
        return [
            f"--etcd-servers=http://127.0.0.1:{etcd_port}",
            "--bind-address=127.0.0.1",
            "--advertise-address=127.0.0.1",
            "--endpoint-reconciler-type=none",
            f"--secure-port={self.port}",
            f"--cert-dir={certificates}",
            f"--token-auth-file={tokens}",
            "--authorization-mode=RBAC",
            "--service-cluster-ip-range=10.0.0.0/24",
            "--service-account-issuer=https://kubernetes.default.svc",
            # The server makes this key itself, before it reads it.
            f"--service-account-key-file={certificates / 'apiserver.key'}",
            f"--service-account-signing-key-file={certificates / 'apiserver.key'}",
            # There is nobody who would make tokens for pods, or see that a node is ready.
            "--disable-admission-plugins=ServiceAccount,TaintNodesByCondition",
        ]

    def is_ready(self, certificate):
        try:
            return Api(self.port, certificate, self.tokens["admin"]).ask("GET", "/readyz")[0] == 200
        except OSError:
            return False

    def has_nodes(self):
        listed = json.loads(self.api.ask("GET", "/api/v1/nodes")[1])
        return len(listed["items"]) == len(nodes.NODES)

    def kubeconfig(self, certificate):
        file = self.folder / "kubeconfig"
        cluster = {"server": f"https://127.0.0.1:{self.port}", "certificate-authority": str(certificate)}
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "testbed", "cluster": cluster}],
            "users": [{"name": user, "user": {"token": token}} for user, token in self.tokens.items()],
            "contexts": [{"name": user, "context": {"cluster": "testbed", "user": user}} for user in USERS],
            "current-context": "admin",
        }
        file.write_text(json.dumps(config))
        return file

    def part(self, name, args):
        found = self.programs / name
        program = found if found.exists() else shutil.which(name)
        log = (self.folder / f"{name}.log").open("wb")
        part = subprocess.Popen([program, *args], stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.folder)
        self.parts.append(part)
        self.aside(name, part.wait)

    def aside(self, name, work):
        """Works beside; nothing of a cluster ends before it does."""

        def run():
            try:
                how = work()
            except Exception as cause:
                how = f"{type(cause).__name__}: {cause}"
            self.news.put(f"{name} ended: {how}\n{self.said(name)}")

        threading.Thread(target=run, daemon=True).start()

    def said(self, name):
        log = self.folder / f"{name}.log"
        return "\n".join(log.read_text(errors="replace").splitlines()[-20:]) if log.exists() else ""

    def until(self, what, is_there):
        until = time.monotonic() + PATIENCE
        while not is_there():
            if time.monotonic() > until:
                raise Ended(f"there was no sign of {what} within {PATIENCE} s")
            try:
                raise Ended(self.news.get(timeout=0.05))
            except queue.Empty:
                pass

    def stop(self):
        # Nothing of it is kept, so nothing needs to be put in order.
        for part in reversed(self.parts):
            part.kill()
        for part in self.parts:
            part.wait()


def etcd(folder, client, peer):
    client, peer = f"http://127.0.0.1:{client}", f"http://127.0.0.1:{peer}"
    return [
        "--unsafe-no-fsync",
        f"--data-dir={folder / 'etcd'}",
        f"--listen-client-urls={client}",
        f"--advertise-client-urls={client}",
        f"--listen-peer-urls={peer}",
        f"--initial-advertise-peer-urls={peer}",
        f"--initial-cluster=default={peer}",
    ]


def free_ports(count):
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [listener.getsockname()[1] for listener in held]
    for listener in held:
        listener.close()
    return ports


def run(programs, stop):
    """Another program may take a port before its part does, so a start that fails is tried again."""
    for left in reversed(range(TRIES)):
        with tempfile.TemporaryDirectory(prefix="kubernetes-testbed-") as folder:
            cluster = Cluster(programs, pathlib.Path(folder))
            try:
                print(cluster.start(), flush=True)
                stop(cluster.news)
                raise Ended(cluster.news.get())
            except Ended as why:
                if cluster.api or not left:
                    return str(why)
            finally:
                cluster.stop()
    return None


def stop_when_told(news):
    def wait():
        # Not by `sys.stdin`, whose lock would be held when the program ends for another reason.
        while os.read(0, 4096):
            pass
        news.put("")

    threading.Thread(target=wait, daemon=True).start()


def main():
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(0))
    why = run(pathlib.Path(sys.argv[1]), stop_when_told)
    sys.exit(f"kubernetes-testbed: {why}" if why else 0)


main()
