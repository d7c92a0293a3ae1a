"""Policies and requests in files, and the answers to them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from provisioning import rules

POLICY, REQUEST, REPOSITORY = "Policy.xml", "Request.xml", "repository"


@dataclass(frozen=True, slots=True)
class Case:
    """What a folder asks. `repository` may be missing."""

    name: str
    policy: Path
    request: Path
    repository: Path | None = None

    def answer(self) -> bytes:
        """The Response document. Raises `PolicyRefused`, `RequestRefused`, `OSError`."""
        policy = rules.load(self.policy.read_bytes(), _references(self.repository))
        asked = rules.parse_request(self.request.read_bytes())
        results = [rules.decide(policy, request) for request in asked.requests]
        return rules.write_response(asked, results)


def cases(folder: Path) -> Iterator[Case]:
    """One for every folder in it, by name."""
    for case in sorted(path for path in folder.iterdir() if path.is_dir()):
        repository = case / REPOSITORY
        yield Case(
            case.name,
            case / POLICY,
            case / REQUEST,
            repository if repository.is_dir() else None,
        )


def _references(folder: Path | None) -> rules.Repository | None:
    if folder is None:
        return None
    files = sorted(path for path in folder.rglob("*.xml") if path.is_file())
    return rules.Repository({str(path): path.read_bytes() for path in files}, rules.load)


def why(error: Exception) -> str:
    """In one sentence."""
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename} cannot be read: {error.strerror}."
    kind = "The policy" if isinstance(error, rules.PolicyRefused) else "The request"
    if isinstance(error, rules.PolicyRefused | rules.RequestRefused):
        return f"{kind} is refused: {' '.join(str(error).split())}."
    return f"Unexpected: {error!r}."
