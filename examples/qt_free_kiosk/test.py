"""A morning at the desk: by a pipe, compared with expected.txt; then by a terminal, on the file that the morning left.   test.py KIOSK"""
import os
import pathlib
import pty
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent


def expect(got, wanted):
    if got != wanted:
        sys.exit(f"expected {wanted!r}, got {got!r}")


def on_terminal(*arguments, lines):
    """What stands on the screen, with the lines typed once a prompt asks for them."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(sys.argv[1], [sys.argv[1], *arguments])
    screen = ""
    while True:
        try:
            piece = os.read(terminal, 4096).decode()
        except OSError:  # its end
            break
        screen += piece
        if screen.endswith(("> ", ": ")) and lines:
            os.write(terminal, (lines.pop(0) + "\n").encode())
    expect(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), 0)
    return screen.replace("\r\n", "\n")


with tempfile.TemporaryDirectory() as folder:
    desk = f"{folder}/desk.db"
    morning = subprocess.run([sys.argv[1], desk, "2026-05-16T14:20:00Z"], stdin=(HERE / "input.txt").open(), capture_output=True, text=True, timeout=30)
    expect((morning.returncode, morning.stderr, morning.stdout), (0, "", (HERE / "expected.txt").read_text()))

    # Seven hours later on the file: Ada's hour is over, and the last one has begun.
    screen = on_terminal(desk, "2026-05-16T21:20:00Z", lines=["cancel 1", "book 2 bo@example.com Bo Ek", "cancel 2", "y", "quit"])
    expect(screen, """2026-05-16 17:20
  guest 1: 10:00 Piano room, Ada Lovelace, paid, arrived 10:20
  slot 1: 17:00 Piano room
  slot 2: 17:00 Quiet room
desk> cancel 1
! A booking that is COMPLETED can't be made CANCELLED.
desk> book 2 bo@example.com Bo Ek
2026-05-16 17:20
  guest 1: 10:00 Piano room, Ada Lovelace, paid, arrived 10:20
  guest 2: 17:00 Quiet room, Bo Ek, 30.00 USD to pay
  slot 1: 17:00 Piano room
desk> cancel 2
This gives back 0 %, 0.00 USD.
Cancel? y or n: y
2026-05-16 17:20
  guest 1: 10:00 Piano room, Ada Lovelace, paid, arrived 10:20
  slot 1: 17:00 Piano room
  slot 2: 17:00 Quiet room
desk> quit
""")

    first = subprocess.Popen([sys.argv[1], desk], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    first.stdout.readline()
    second = subprocess.run([sys.argv[1], desk], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30)
    expect((second.returncode, second.stdout), (1, ""))
    expect(first.communicate("quit\n", timeout=30) and first.returncode, 0)
    expect(subprocess.run([sys.argv[1], desk, "noon"], capture_output=True, timeout=30).returncode, 2)
