#!/usr/bin/env python3
"""A small GitHub that remembers, for tests alone: it prints its port and serves until its standard input ends.

Routes live in the files beside this one and register themselves with `route`. Tests speak to it under `/_test/`:
`GET /_test/state`, `PUT /_test/state` (merges a JSON object into it), `GET /_test/requests`, and
`POST /_test/faults` with `{"method": …, "path": REGEX, "kind": …, "times": N, "headers": {…}}`, kinds as in `Fault`.

Where the state has `permissions` (level by name), the token may do only what they allow; `used` and `refused` tell what came of it.
"""

import http.server
import importlib
import json
import pathlib
import re
import sys
import threading
import time
import urllib.parse

sys.dont_write_bytecode = True  # nothing of a test stays in the checkout
HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import permissions

ROUTES = []
LOCK = threading.RLock()
STATE = {"repository": "octo/shop", "token": "github-token-of-tests", "next_id": 1000}
REQUESTS = []
FAULTS = []


def route(method, template):
    """Registers a handler `(state, request) -> (code, body)` for a path template such as `/repos/{repo}/issues/{id}`."""
    pattern = re.sub(r"\{repo\}", "(?P<repo>[^/]+/[^/]+)", template)
    pattern = re.sub(r"\{(\w+)\*\}", r"(?P<\1>.+)", pattern)
    pattern = re.compile("^" + re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", pattern) + "$")

    def register(handler):
        ROUTES.append((method, pattern, handler))
        return handler
    return register


def new_id(state):
    state["next_id"] += 1
    return state["next_id"]


def now():
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


class Request:
    """One request as a handler sees it."""

    def __init__(self, handler, match, query, body):
        self.path = {name: urllib.parse.unquote(value) for name, value in match.groupdict().items()}
        self.query = query
        self.body = body
        self.headers = handler.headers
        self.base = f"http://{handler.headers.get('host', '127.0.0.1')}"


class Fault:
    """What can be switched on: `500`, `403`, `limited` (403 with Retry-After: 0), `secondary` (429), `slow`, `hang`, `cut`
    (the connection ends before anything is done), `lost` (it is done, and the answer never comes), `endless` (so is the answer)."""

    ANSWERS = {
        "500": (502, {}, {"message": "Server Error"}),
        "403": (403, {"x-accepted-github-permissions": "deployments=write"},
                {"message": "Resource not accessible by integration"}),
        "limited": (403, {"retry-after": "0"}, {"message": "You have exceeded a secondary rate limit."}),
        "secondary": (429, {"retry-after": "0"}, {"message": "Too many requests"}),
    }


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def serve(self):
        self.lacking = ""
        path, _, query = self.path.partition("?")
        query = dict(urllib.parse.parse_qsl(query))
        length = int(self.headers.get("content-length") or 0)
        raw = self.rfile.read(length) if length else b""
        body = json.loads(raw) if raw else None
        if path.startswith("/_test/"):
            return self.test(path, body)
        path = re.sub("^/api/v3", "", path)
        with LOCK:
            REQUESTS.append({"method": self.command, "path": path, "query": query, "body": body, "at": time.time(),
                             "version": self.headers.get("x-github-api-version")})
            fault, more = self.fault(path)
        if fault in ("slow", "hang"):
            time.sleep({"slow": 2, "hang": 3600}[fault])
        if fault == "cut":
            return self.cut()
        if fault == "endless":
            return self.endless()
        if fault in Fault.ANSWERS:
            code, headers, answer = Fault.ANSWERS[fault]
            return self.answer(code, {**headers, **more}, answer)
        code, answer = self.handle_route(path, query, body)
        if fault == "lost":
            return self.cut()
        headers = {"x-accepted-github-permissions": self.lacking} if self.lacking else {}
        return self.answer(code, headers, answer)

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = serve

    def handle_route(self, path, query, body):
        tokens = [STATE[name] for name in ("token", "team_token") if name in STATE]
        if self.headers.get("authorization") not in [f"Bearer {token}" for token in tokens]:
            return 401, {"message": "Bad credentials"}
        with LOCK:
            if not self.may(path):
                return 403, {"message": "Resource not accessible by integration"}
            for method, pattern, handler in ROUTES:
                match = pattern.match(path)
                if match and method == self.command:
                    return handler(STATE, Request(self, match, query, body))
        return 404, {"message": "Not Found", "documentation_url": "https://docs.github.com/rest"}

    def may(self, path):
        """Whether the job's token is allowed to; another token is a person's own."""
        if "permissions" not in STATE or self.headers.get("authorization") != f"Bearer {STATE['token']}":
            return True
        needed = permissions.needs(self.command, path)
        given = [need for need in needed if permissions.allows(STATE["permissions"], need)]
        STATE.setdefault("used", []).extend(name for name, _ in given)
        self.lacking = "" if given else "; ".join(f"{name}={level}" for name, level in needed)
        if self.lacking:
            STATE.setdefault("refused", []).append(f"{self.command} {path} needs {self.lacking}")
        return not self.lacking

    def fault(self, path):
        for fault in FAULTS:
            if fault["times"] > 0 and fault.get("method", self.command) == self.command and re.search(fault["path"], path):
                fault["times"] -= 1
                return fault["kind"], fault.get("headers", {})
        return None, {}

    def test(self, path, body):
        with LOCK:
            if path == "/_test/state" and self.command == "PUT":
                STATE.update(body)
            elif path == "/_test/faults":
                FAULTS.append({"times": 1, **body})
            elif path == "/_test/requests":
                return self.answer(200, {}, list(REQUESTS))
            return self.answer(200, {}, STATE)

    def cut(self):
        self.close_connection = True
        self.connection.close()

    def endless(self):
        self.send_response(200)
        self.send_header("content-type", "application/json; charset=utf-8")
        self.send_header("connection", "close")
        self.end_headers()
        try:
            while True:
                self.wfile.write(b" " * 65536)
        except OSError:  # whoever asked has had enough
            self.close_connection = True

    def answer(self, code, headers, body):
        if code >= 400:
            body = {"documentation_url": "https://docs.github.com/rest", **body}
        text = b"" if body is None else json.dumps(body).encode()
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("content-type", "application/json; charset=utf-8")
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass


def load_routes():
    sys.modules["fake"] = sys.modules[__name__]  # so that routes register here, not in a second copy
    for file in sorted(HERE.glob("routes_*.py")):
        importlib.import_module(file.stem)


def main():
    load_routes()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_address[1], flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
