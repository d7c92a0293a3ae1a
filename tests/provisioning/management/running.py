"""Running a command as `manage.py` does, and what came of it."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from typing import Any

from django.core.management import CommandError, call_command, load_command_class
from django.core.management.base import OutputWrapper


@dataclass(frozen=True, slots=True)
class Ended:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def run(name: str, *arguments: object) -> Ended:
    command = load_command_class("provisioning", name)
    out, err = io.StringIO(), io.StringIO()
    command.stdout, command.stderr = OutputWrapper(out), OutputWrapper(err)
    code = 0
    try:
        call_command(command, *map(str, arguments))
    except CommandError as error:
        code = error.returncode
    return Ended(code, out.getvalue(), err.getvalue())
