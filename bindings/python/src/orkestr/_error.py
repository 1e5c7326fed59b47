from __future__ import annotations

import atexit
import json
from dataclasses import dataclass

from . import _native


@dataclass(frozen=True)
class Fault:
    """One fault of an input: where (a JSON pointer), which, and what to do about it."""

    pointer: str
    code: str
    detail: str


class Error(Exception):
    """What was refused. ``code`` is stable and for programs, ``status`` the HTTP status that stands for it, ``detail`` for people."""

    def __init__(self, code: str, status: int, detail: str, text: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.status = status
        self.detail = detail
        self.faults = [Fault(**fault) for fault in json.loads(text).get("errors", [])]


_native.set_error_type(Error)
atexit.register(_native.forget_error_type)
