"""Serves a folder on a free port of loopback, and writes the port to a file once it listens."""

import functools
import http.server
import pathlib
import sys

folder, port_file = sys.argv[1:]
handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=folder)
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
pathlib.Path(port_file).write_text(str(server.server_port))
server.serve_forever()
