"""Starts the server with the demo tenant, runs a command with {baseUrl}, {apiKey}… filled in, and stops the server.

    with_demo.py SERVER COMMAND [ARGUMENT …]
"""

import contextlib
import hashlib
import json
import signal
import subprocess
import sys
import tempfile

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
def demo_server(binary, *flags, data=None):
    """Yields (handles, process) of a running server; ends it by SIGTERM and checks that it stops cleanly."""
    with contextlib.ExitStack() as stack:
        folder = data or stack.enter_context(tempfile.TemporaryDirectory())
        process = subprocess.Popen(
            [binary, "--demo", "--json", "--port", "0", "--rate-limit", "1000000",
             "--visitor-rate-limit", "1000000", "--log-level", "warn", *where(folder), *flags],
            stdout=subprocess.PIPE, text=True)
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


if __name__ == "__main__":
    with demo_server(sys.argv[1]) as (handles, _):
        command = [argument.format(**handles) for argument in sys.argv[2:]]
        sys.exit(subprocess.run(command, check=False).returncode)
