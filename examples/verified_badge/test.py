"""The badge goes up when a program that dispatches by itself, without a server, tells that the business is verified.   test.py EMBEDDED"""
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
from patterns import System, expect, free_port, pattern  # noqa: E402

cms, port = System(), free_port()
cms.failed = True  # it is up
program = subprocess.Popen([sys.argv[1], f"http://127.0.0.1:{port}/"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
secret, tenant = (program.stdout.readline().split()[1] for _ in range(2))
with pattern("verified_badge", secret, port, CMS_URL=cms.url):
    output = program.communicate("\n", timeout=60)[0]
expect(output.strip(), "2 delivered")
expect(cms.calls, [("PATCH", "/flags/verified-badge", {"tenant": tenant, "on": True}, None)])
