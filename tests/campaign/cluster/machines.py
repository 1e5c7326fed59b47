"""What the campaign runs: a private PostgreSQL, servers on one database of it, and a balancer in front of them."""

import asyncio
import json
import os
import pathlib
import random
import select
import shutil
import signal
import subprocess
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[3]
SCRIPT = ROOT / "scripts" / "postgres"
BIN = pathlib.Path(os.environ.get("ORKESTR_POSTGRES_BIN", "/usr/lib/postgresql/15/bin"))
# PostgreSQL refuses to run as root; scripts/postgres makes the same choice.
AS_OWNER = ["setpriv", "--reuid", "postgres", "--regid", "postgres", "--clear-groups", "--reset-env"] if os.geteuid() == 0 else []


class Postgres:
    """A cluster of the campaign's own, with fsync on. `database` is the one that is looked at."""

    def __init__(self, folder):
        self.folder = folder
        self.database = "orkestr"
        self.start()

    def start(self):
        # After a kill -9 the old backends take a moment to notice, and until then hold the shared memory.
        for tries in range(60):
            started = subprocess.run([SCRIPT, "start", self.folder, "max_connections=200"], capture_output=True, text=True, check=False)
            if started.returncode == 0:
                return
            time.sleep(0.2)
        raise RuntimeError("PostgreSQL does not start: " + started.stderr)

    def drop(self):
        subprocess.run([SCRIPT, "drop", self.folder], capture_output=True, check=False)
        shutil.rmtree(self.folder, ignore_errors=True)

    def use(self, name):
        """A new database, which sql() looks at from now on. @returns its URL"""
        self.database = "postgres"
        self.sql(f"CREATE DATABASE {name} OWNER orkestr")
        self.database = name
        return f"postgresql://orkestr@/{name}?host={self.folder}"

    def sql(self, text):
        """Asks as the superuser, whom row-level security does not hold back. @returns rows of texts"""
        done = subprocess.run([BIN / "psql", "-h", self.folder, "-U", "postgres", "-d", self.database, "-qAtX", "-F", "|", "-c", text],
                              capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise ConnectionError(done.stderr.strip())
        return [line.split("|") for line in done.stdout.splitlines()]

    def number(self, text):
        return int(self.sql(text)[0][0])

    def cut_backends(self, count):
        return self.number("SELECT count(pg_terminate_backend(pid)) FROM (SELECT pid FROM pg_stat_activity"
                           f" WHERE application_name = 'orkestr' AND datname = '{self.database}'"
                           f" ORDER BY random() LIMIT {count}) AS chosen")

    def crash(self, by_signal):
        if by_signal:
            with open(os.path.join(self.folder, "postmaster.pid"), encoding="ascii") as file:
                os.kill(int(file.readline()), signal.SIGKILL)
        else:
            subprocess.run([*AS_OWNER, BIN / "pg_ctl", "-D", self.folder, "stop", "-m", "immediate", "-s"], cwd="/", capture_output=True,
                           check=False)


class Servers:
    """Processes that are started again when they are killed, and must not end by themselves."""

    def __init__(self, commands, balancer, complain):
        self.commands, self.balancer, self.complain = commands, balancer, complain
        self.processes = [None] * len(commands)
        for index in range(len(commands)):
            self.start(index)

    def start(self, index):
        until = time.monotonic() + 60
        while True:
            process = subprocess.Popen(self.commands[index], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            line = process.stdout.readline() if select.select([process.stdout], [], [], 30)[0] else ""
            if line:
                break
            # A server that finds no database says so and ends; whoever runs it starts it again.
            process.kill()
            text = process.stderr.read().strip()
            process.wait()
            if time.monotonic() > until:
                raise RuntimeError("a server does not start: " + text)
            time.sleep(0.1)
        threading.Thread(target=process.stderr.read, daemon=True).start()  # so that its log never fills the pipe
        self.processes[index] = process
        self.balancer.backends[index] = int(json.loads(line)["baseUrl"].rsplit(":", 1)[1])

    def kill(self, index):
        self.look()
        self.balancer.backends[index] = None
        process = self.processes[index]
        process.kill()
        process.wait()
        process.stdout.close()
        self.start(index)

    def pause(self, index, seconds):
        """Stops a server in mid-flight, with its transactions open and its connections still taken, and lets it go on."""
        self.processes[index].send_signal(signal.SIGSTOP)
        time.sleep(seconds)
        self.processes[index].send_signal(signal.SIGCONT)

    def look(self):
        for index, process in enumerate(self.processes):
            if process.poll() is not None:
                self.complain("server", f"a server ended by itself with exit code {process.returncode}")
                self.start(index)

    def stop(self):
        for index, process in enumerate(self.processes):
            if process is not None:
                self.balancer.backends[index] = None
                process.kill()
                process.wait()
                process.stdout.close()


class Balancer:
    """Hands each connection to the next living server, byte for byte."""

    MOST = 1024  # connections at once; more are closed

    def __init__(self, count):
        self.backends = [None] * count
        self.turn, self.open, self.turned_away = random.randrange(count), 0, 0
        self.loop = asyncio.new_event_loop()
        ready = threading.Event()

        def run():
            asyncio.set_event_loop(self.loop)
            server = self.loop.run_until_complete(asyncio.start_server(self.carry, "127.0.0.1", 0, backlog=256))
            self.port = server.sockets[0].getsockname()[1]
            ready.set()
            self.loop.run_forever()

        threading.Thread(target=run, daemon=True).start()
        ready.wait()

    async def connect(self):
        for _ in range(2 * len(self.backends)):
            self.turn = (self.turn + 1) % len(self.backends)
            port = self.backends[self.turn]
            if port is None:
                continue
            try:
                return await asyncio.wait_for(asyncio.open_connection("127.0.0.1", port), 2)
            except (OSError, asyncio.TimeoutError):
                continue
        return None

    async def carry(self, reader, writer):
        self.open += 1
        try:
            found = await self.connect() if self.open <= self.MOST else None
            if found is None:
                self.turned_away += 1
                return
            pumps = [asyncio.ensure_future(self.pump(reader, found[1])), asyncio.ensure_future(self.pump(found[0], writer))]
            try:
                await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for pump in pumps:
                    pump.cancel()
                found[1].close()
        finally:
            self.open -= 1
            writer.close()

    @staticmethod
    async def pump(reader, writer):
        try:
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        except OSError:
            pass
