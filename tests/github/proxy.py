"""Stands between lastgood and the fakes: sends every request through the official description, and keeps what it objects to.

    lastgood --> front door --> prism proxy --> back door --> the fake of that test

A fake's address at the front door is its port as the first part of the path. The description's proxy knows one server only, so each
request carries a number that tells the back door where it is meant for.
"""

import http.client
import http.server
import itertools
import json
import re
import threading

NUMBER = "x-lastgood-request"
# As it is sent by lastgood, the description's proxy answers 406.
ACCEPT = "application/vnd.github+json, application/json, */*"
# GitHub takes a path of several parts here, which no description of its kind can say.
MANY_PARTS = re.compile(r"(/repos/[^/]+/[^/]+/contents/)([^?]+)")
HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "host"}


class Proxy:
    """What was asked, and what was wrong with it."""

    def __init__(self):
        self.numbers = itertools.count(1)
        self.meant = {}
        self.reached = set()
        self.cut = set()
        self.asked = set()
        self.violations = []
        self.prism = None
        self.front = serve(self, Front)
        self.back = serve(self, Back)

    def served(self):
        """Returns how many requests came in by the front door and reached a fake."""
        return len(self.reached)

    def address(self, server):
        return f"http://127.0.0.1:{server.server_address[1]}"

    def close(self):
        for server in (self.front, self.back):
            server.shutdown()
            server.server_close()


def serve(proxy, kind):
    handler = type(kind.__name__, (kind,), {"proxy": proxy})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


class Door(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        length = int(self.headers.get("content-length") or 0)
        self.serve(self.rfile.read(length) if length else None)

    do_POST = do_PATCH = do_PUT = do_DELETE = do_GET

    def ask(self, port, path, body, more):
        """Passes the request on, and returns the answer; nothing where the connection was cut."""
        headers = {name: value for name, value in self.headers.items() if name.lower() not in HOP}
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        try:
            connection.request(self.command, path, body, {**headers, **more})
            answer = connection.getresponse()
            return answer.status, answer.getheaders(), answer.read()
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()

    def answer(self, answer):
        if answer is None:
            self.close_connection = True
            self.connection.close()
            return
        code, headers, body = answer
        self.send_response_only(code)
        for name, value in headers:
            if name.lower() not in HOP:
                self.send_header(name, value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Front(Door):
    """Where lastgood comes in."""

    def serve(self, body):
        _, port, rest = self.path.split("/", 2)
        path = MANY_PARTS.sub(lambda found: found[1] + found[2].replace("/", "%2F"), "/" + rest)
        here = {"host": f"{self.headers['host']}/{port}"}
        if path.startswith("/_test/"):
            return self.answer(self.ask(int(port), path, body, here))
        number = str(next(self.proxy.numbers))
        self.proxy.meant[number] = (int(port), here)
        answer = self.ask(self.proxy.prism, path, body, {NUMBER: number, "accept": ACCEPT})
        reached = number in self.proxy.reached
        if number in self.proxy.cut:
            return self.answer(None)
        self.judge(path, answer, reached)
        return self.answer(answer)

    def judge(self, path, answer, reached):
        asked = f"{self.command} {path}"
        if not reached or answer is None:
            what = "no answer" if answer is None else answer[2].decode(errors="replace")
            self.proxy.violations.append(f"{asked}: it is not described: {what}")
            return
        code, headers, _ = answer
        self.proxy.asked.add((self.command, path.partition("?")[0]))
        for name, value in headers:
            if name.lower() == "sl-violations":
                for violation in json.loads(value):
                    if not is_an_unlisted_refusal(code, violation):
                        self.proxy.violations.append(f"{asked}: {code}: {'.'.join(violation['location'])}: {violation['message']}")


class Back(Door):
    """Where the description's proxy passes on what it has looked at."""

    def serve(self, body):
        number = self.headers[NUMBER]
        port, here = self.proxy.meant[number]
        self.proxy.reached.add(number)
        answer = self.ask(port, self.path, body, here)
        if answer is None:
            self.proxy.cut.add(number)
        self.answer(answer)


def is_an_unlisted_refusal(code, violation):
    """The description lists no server's failures, and few of the refusals that any request may meet."""
    return code >= 400 and violation["location"][0] == "response" and bool(re.search("status code", violation["message"]))
