"""Which files of a WSO2 server, or of a copy of its folders, are read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

HOMES = ("", "identity", "conf/identity", "repository/conf/identity")
POLICIES = ("policies", "xacml")
OWN_POLICIES = "repository/resources/identity/policies/xacml"


@dataclass(frozen=True, slots=True)
class File:
    path: Path
    shown: str


@dataclass(frozen=True, slots=True)
class Folder:
    """`DIR` may be the home of the server, its `repository/conf/identity`, or a folder with
    `identity-providers`, `service-providers` and `policies` in it."""

    root: Path

    def identity_providers(self) -> list[File]:
        return self._in([f"{home}/identity-providers" for home in HOMES])

    def service_providers(self) -> list[File]:
        return self._in([f"{home}/service-providers" for home in HOMES])

    def policies(self) -> list[File]:
        homes = [f"{home}/{name}" for home in HOMES for name in POLICIES]
        return self._in(homes, deep=True)

    def own_policies(self) -> list[File]:
        """Drafts and samples that WSO2 brings along."""
        return self._in([OWN_POLICIES], deep=True)

    def _in(self, names: list[str], *, deep: bool = False) -> list[File]:
        found = {
            path for name in names for path in self._xml(self.root / name.strip("/"), deep)
        }
        return [File(path, str(path.relative_to(self.root))) for path in sorted(found)]

    @staticmethod
    def _xml(folder: Path, deep: bool) -> Iterator[Path]:
        files = folder.rglob("*") if deep else folder.glob("*")
        return (path for path in files if path.suffix.lower() == ".xml" and path.is_file())
