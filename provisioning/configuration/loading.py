"""From a file to plain values: YAML or JSON, and `{env: NAME}` / `{file: PATH}` filled in."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from idp import setting_values
from idp.setting_values import Encoded
from provisioning.configuration.errors import ConfigurationError

MAX_BYTES = 20 * 1024 * 1024
MAX_DEPTH = 40


class Given(str):
    """A text that came from the environment or a file: it may stand for a value of any type."""

    __slots__ = ()


class _Loader(yaml.CSafeLoader):
    """Safe YAML in which a key may stand once: the last one would win in silence."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.MarkedYAMLError(
                    problem=f"“{key.value}” is given twice", problem_mark=key.start_mark
                )
            seen.add(key.value)
        return super().construct_mapping(node, deep)


def read(path: Path) -> Any:
    """What the file holds, references filled in. Raises `ConfigurationError`."""
    return fill(parse(_text(path, str(path)), is_json=path.suffix == ".json"), path.parent)


def parse(text: str, *, is_json: bool = False) -> Any:
    try:
        if is_json:
            return json.loads(text, object_pairs_hook=_unique)
        _refuse_bombs(text)
        return yaml.load(text, Loader=_Loader)  # noqa: S506 a safe loader
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f" in line {mark.line + 1}" if mark else ""
        raise ConfigurationError(f"not valid YAML{where}: {error.problem}") from error
    except yaml.YAMLError as error:
        raise ConfigurationError(f"not valid YAML: {str(error).splitlines()[0]}") from error
    except ValueError as error:
        raise ConfigurationError(f"not valid: {error}") from error
    except RecursionError as error:
        raise ConfigurationError("nested too deeply") from error


def fill(value: Any, folder: Path, path: str = "") -> Any:
    """The value with every `{env: NAME}` and `{file: PATH}` replaced by a `Given`."""
    if isinstance(value, list):
        return [fill(item, folder, f"{path}[{index}]") for index, item in enumerate(value)]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        [(kind, name)] = value.items()
        if kind in ("env", "file") and isinstance(name, str):
            return Given(_env(name, path)) if kind == "env" else _file(folder / name, path)
    prefix = f"{path}." if path else ""
    return {key: fill(item, folder, f"{prefix}{key}") for key, item in value.items()}


def _env(name: str, path: str) -> str:
    if name not in os.environ:
        raise ConfigurationError(f"{path}: the environment variable {name} is not set")
    return os.environ[name]


def _file(file: Path, path: str) -> str:
    """Only a connector's setting may be a file that is no text (a PKCS12 key)."""
    what = f"{path}: {file}"
    if ".settings." in path:
        held = setting_values.from_upload(_bytes(file, what))
        return held if isinstance(held, Encoded) else Given(held.rstrip("\r\n"))
    return Given(_text(file, what).rstrip("\r\n"))


def _text(file: Path, what: str) -> str:
    try:
        return _bytes(file, what).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{what}: not a text in UTF-8") from error


def _bytes(file: Path, what: str) -> bytes:
    try:
        with file.open("rb") as opened:
            data = opened.read(MAX_BYTES + 1)
    except OSError as error:
        raise ConfigurationError(f"{what}: {error.strerror}") from error
    if len(data) > MAX_BYTES:
        raise ConfigurationError(f"{what}: larger than {MAX_BYTES // 1024 // 1024} MB")
    return data


def _unique(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"“{key}” is given twice")
        found[key] = value
    return found


def _refuse_bombs(text: str) -> None:
    """A few lines of aliases unfold to gigabytes, and deep nesting exhausts the stack."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        if isinstance(event, yaml.AliasEvent):
            raise ConfigurationError(f"{_line(event)}: aliases (*name) are not accepted")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            raise ConfigurationError(f"{_line(event)}: nested too deeply")


def _line(event: yaml.Event) -> str:
    return f"line {event.start_mark.line + 1}" if event.start_mark else "somewhere"


def as_mapping(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise ConfigurationError("the file must hold `version: 1` and `tenants: […]`")
    return value
