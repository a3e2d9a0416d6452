"""Speaks with the API server of the testbed as its administrator."""

import contextlib
import http.client
import json
import ssl


class Api:
    """One server, by its own certificate."""

    def __init__(self, port, certificate, token):
        self.port = port
        self.token = token
        self.trust = ssl.create_default_context(cafile=certificate)

    def ask(self, method, path, body=None, kind="application/json"):
        """Returns the status and the text of an answer."""
        with self._answer(method, path, body, kind, timeout=30) as answer:
            return answer.status, answer.read().decode()

    def tell(self, method, path, body, kind="application/json"):
        """Changes something; what is gone, or is another of the same name by now, is seen by whoever watches."""
        status, text = self.ask(method, path, body, kind)
        is_stale = status in (404, 409) or status == 422 and '"field":"metadata.uid"' in text
        if status >= 400 and not is_stale:
            raise RuntimeError(f"{method} {path}: {status} {text}")

    def watch(self, path):
        """Yields each object as it is and as it changes, until the server ends the answer."""
        with self._answer("GET", f"{path}?watch=1", None, "application/json", timeout=None) as answer:
            for line in answer:
                event = json.loads(line)
                if event["type"] in ("ADDED", "MODIFIED"):
                    yield event["object"]

    @contextlib.contextmanager
    def _answer(self, method, path, body, kind, timeout):
        connection = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=timeout, context=self.trust)
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": kind}
        try:
            connection.request(method, path, json.dumps(body) if body is not None else None, headers)
            yield connection.getresponse()
        finally:
            connection.close()
