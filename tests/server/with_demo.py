"""Starts the server with the demo tenant, runs a command with {baseUrl}, {apiKey}… filled in, and stops the server. {adminToken} is of an
admin of the platform, {otherKey} of another tenant, which awaits approval.

    with_demo.py SERVER COMMAND [ARGUMENT …]
"""

import contextlib
import hashlib
import json
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

CLUSTER = None  # the folder of a PostgreSQL cluster (scripts/postgres); None: SQLite


def where(folder):
    """The flags that name the store of a data folder: on PostgreSQL, a database of the folder's own."""
    if CLUSTER is None:
        return ["--data", folder]
    name = "e2e_" + hashlib.sha256(str(folder).encode()).hexdigest()[:16]
    psql = ["psql", "-qAtX", "-h", CLUSTER, "-U", "orkestr", "-d", "orkestr", "-c"]
    if not subprocess.run([*psql, f"SELECT 1 FROM pg_database WHERE datname = '{name}'"], capture_output=True, text=True, check=True).stdout.strip():
        subprocess.run([*psql, f"CREATE DATABASE {name}"], check=True)
    return ["--data", folder, "--store", f"postgresql://orkestr@/{name}?host={CLUSTER}"]


@contextlib.contextmanager
def demo_server(binary, *flags, data=None, log_level="warn", log=None):
    """Yields (handles, process) of a running server, whose log goes to the file `log`; ends it by SIGTERM and checks that it stops cleanly."""
    with contextlib.ExitStack() as stack:
        folder = data or stack.enter_context(tempfile.TemporaryDirectory())
        process = subprocess.Popen(
            [binary, "--demo", "--json", "--port", "0", "--rate-limit", "1000000",
             "--visitor-rate-limit", "1000000", "--log-level", log_level, *where(folder), *flags],
            stdout=subprocess.PIPE, stderr=log, text=True)
        try:
            line = process.stdout.readline()
            if not line:
                raise RuntimeError(f"the server did not start: exit code {process.wait()}")
            yield json.loads(line), process
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
            code = process.wait(timeout=30)
            process.stdout.close()
        if code not in (0, -signal.SIGKILL):
            raise RuntimeError(f"the server stopped with exit code {code}")


def prepare(binary, folder):
    """Makes an admin and a second tenant. Returns what opens them, to be filled in."""
    def made(pattern, *arguments):
        return re.search(pattern, subprocess.run([binary, *arguments, *where(folder)], capture_output=True, text=True, check=True).stdout)[0]

    return {"otherKey": made(r"ork_\S+", "create-tenant", "--name", "Cirrus", "--subdomain", "cirrus", "--pending"),
            "adminToken": made(r"oka_\S+", "admin", "create", "--email", "ada@platform.example", "--name", "Ada")}


class Caller:
    """Calls the server with its admin key, another token, or none (the empty one); returns status and body."""

    def __init__(self, handles):
        self.handles = handles

    def __call__(self, method, path, body=None, token=None):
        headers = {"Content-Type": "application/json"}
        if token != "":
            headers["Authorization"] = f"Bearer {token or self.handles['adminKey']}"
        request = urllib.request.Request(self.handles["baseUrl"] + path, method=method, headers=headers,
                                         data=None if body is None else json.dumps(body).encode())
        try:
            with urllib.request.urlopen(request) as response:
                text = response.read()
                return response.status, json.loads(text) if text else None
        except urllib.error.HTTPError as refusal:
            return refusal.code, json.loads(refusal.read())


def comes_to(what, seconds=60):
    until = time.monotonic() + seconds
    while not (result := what()):
        if time.monotonic() > until:
            raise AssertionError("it did not come to pass")
        time.sleep(0.05)
    return result


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        prepared = prepare(sys.argv[1], folder)
        with demo_server(sys.argv[1], data=folder) as (handles, _):
            command = [argument.format(**handles, **prepared) for argument in sys.argv[2:]]
            sys.exit(subprocess.run(command, check=False).returncode)
