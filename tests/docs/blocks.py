"""Fenced blocks of Markdown, with what the page says about each, and shells that do what they say.

A block below a paragraph that ends with "Save as `NAME`:" is a file. A comment before a block tells the tests how to take it:
    <!-- not run: why -->           it can't be
    <!-- within: NAME -->           it is compiled or run in tests/docs/around/NAME, in place of the line SNIPPET
    <!-- same as: FILE -->          it is that file of the tree, word for word, which tests of its own run
    <!-- before: COMMAND -->        done first: a function of tests/docs/around/PAGE.sh
"""

import os
import re
import shlex
import signal
import subprocess
from pathlib import Path
from typing import NamedTuple

from markdown_it import MarkdownIt

ROOT = Path(__file__).resolve().parents[2]


class Block(NamedTuple):
    page: str
    line: int
    language: str
    text: str
    heading: str
    saved_as: str
    notes: dict

    @property
    def at(self):
        return f"{self.page}:{self.line}"


def blocks(path):
    found, heading, before, notes = [], "", "", {}
    tokens = MarkdownIt("commonmark").enable("table").parse(Path(path).read_text())
    for token, above in zip(tokens, [None, *tokens]):
        if token.type == "html_block":
            notes.update(re.findall(r"<!-- (not run|within|same as|before): (.+?) -->", token.content))
        elif token.type == "inline":
            before = token.content
            if above.type == "heading_open":
                heading = token.content
        elif token.type == "fence":
            saved = re.search(r"Save as `([^`]+)`:$", before)
            found.append(Block(str(path.relative_to(ROOT)), token.map[0] + 1, token.info, token.content, heading, saved[1] if saved else "", notes))
            before, notes = "", {}
    return found


def like(expected, printed):
    """An … stands for anything, and so does what is before it of an id or a secret: whs_01kq…"""
    expected = re.sub(r"\b([a-z]+_)\w+…", r"\1…", expected.strip())
    return re.fullmatch(".*?".join(map(re.escape, expected.split("…"))), printed.strip(), re.DOTALL)


class Shell:
    """One bash for the blocks of a page, as the reader's: step N prints into results/N."""

    def __init__(self, results):
        self.results, self.script, self.steps = results, ["set -eo pipefail", f"now() {{ date +%s.%N > {results}/$1; }}", "now start"], []

    def say(self, text):
        self.script.append(text)

    def save(self, name, text):
        self.say(f"cat > {shlex.quote(name)} <<'END OF FILE'\n{text}END OF FILE")

    def do(self, at, text, with_errors=False):
        number = len(self.steps)
        errors = "2>&1" if with_errors else f"2>> {self.results}/errors"
        self.script += [f"exec > {self.results}/{number} {errors}", text, f"now {number}.end"]
        self.steps.append([at, None])

    def expect(self, text):
        self.steps[-1][1] = text

    def run(self, command, kept=None, timeout=300):
        """Has `command` run the script, and ends what that leaves behind. Returns whether all is as the page says (like()).
        `kept`: the folder of results as it is seen from here."""
        results = Path(kept or self.results)
        with open(results / "errors", "a") as errors:  # no pipe, which what is left behind would keep open
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=errors, start_new_session=True)
            try:
                process.wait(timeout)
            except subprocess.TimeoutExpired:
                print(f"not finished after {timeout} s")
            finally:
                try:
                    os.killpg(process.pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
        said = (results / "errors").read_text()[-4000:]
        last = float((results / "start").read_text())
        for number, (at, expected) in enumerate(self.steps):
            end, printed = results / f"{number}.end", results / str(number)
            if not end.exists():
                print(f"{at}: FAILED\n{printed.read_text() if printed.exists() else ''}{said}", flush=True)
                return False
            seconds, last = float(end.read_text()) - last, float(end.read_text())
            print(f"{at}: {'runs' if expected is None else 'prints what it says'}, {seconds:.1f} s", flush=True)
            if expected is not None and not like(expected, printed.read_text()):
                print(f"{at}: FAILED, expected:\n{expected}printed:\n{printed.read_text()}{said}", flush=True)
                return False
        print(f"{len(self.steps)} steps in {last - float((results / 'start').read_text()):.0f} s", flush=True)
        return True
