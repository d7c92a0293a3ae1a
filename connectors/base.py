"""The contract of a connector: carries one entity at a time to one remote system."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from connectors import declared
from connectors.answers import KnownAnswer
from connectors.errors import ConnectorIsWrong
from connectors.types import (
    ConfigField,
    Dialect,
    Entity,
    EntityType,
    Finding,
    Found,
    KnownCause,
    LocalName,
    Member,
    MemberChanges,
    PresetRow,
    Receipt,
)

if TYPE_CHECKING:
    from connectors.http import Http


class Connector(ABC):
    """Translates, sends, and names what went wrong (`connectors.errors`).

    A connector never reads our database, never retries, never sleeps and never decides
    whether an entity should be sent. One instance serves one thread; `http` is its only
    way to the network. Every method may raise any `ConnectorError`.
    """

    key: ClassVar[str]
    label: ClassVar[str]
    dialect: ClassVar[Dialect] = Dialect.FLAT
    fields: ClassVar[tuple[ConfigField, ...]] = ()
    preset: ClassVar[tuple[PresetRow, ...]] = ()
    """A claim mapping to begin with, for targets that want attributes by names of their own."""
    active_key: ClassVar[str] = "active"
    """Where a receipt's `accepted` says whether an account is active. The engine leaves it out
    when a leaver is disabled: that is sent whatever the target accepted last."""
    known_answers: ClassVar[tuple[KnownAnswer, ...]] = ()
    """What becomes of this target's answers: its page has them as a table, and
    `connectors.testing.AnswerContract` proves each."""
    known_causes: ClassVar[tuple[KnownCause, ...]] = ()
    """What this target's own refusals mean; the first that fits is told to the operator."""

    def __init__(self, settings: Mapping[str, Any], http: Http) -> None:
        missing = [field.label for field in declared.missing(self.fields, settings)]
        if missing:
            raise ConnectorIsWrong(f"{self.label}: fill in {', '.join(missing)}")
        self.settings = {f.name: settings.get(f.name, f.default) for f in self.fields}
        self.http = http
        for field in self.fields:
            if field.secret:
                http.hide(str(self.settings[field.name] or ""))

    def remote_name(self, entity_type: EntityType, name: LocalName) -> str:
        """The name at the target of the entity called so here."""
        return name.full

    def handles(self, entity_type: EntityType) -> bool:
        """Whether this target, as configured, takes entities of this type at all."""
        return entity_type is EntityType.USER

    @abstractmethod
    def create(self, entity: Entity) -> Receipt:
        """Create it. `RemoteExists` when the name is taken."""

    @abstractmethod
    def update(self, entity: Entity) -> Receipt:
        """Bring `entity.remote_id` from `accepted` to `attributes`; send only what differs.

        Includes renaming and (de)activation. `RemoteMissing` when the id is unknown there.
        """

    @abstractmethod
    def delete(self, entity: Entity) -> None:
        """Delete `entity.remote_id`. `RemoteMissing` when it is gone already."""

    @abstractmethod
    def find(self, entity: Entity) -> list[Found]:
        """Objects there whose name really equals `remote_name` (or whose externalId really
        equals `external_id`, where the target keeps one): [], one, or several."""

    @abstractmethod
    def fetch(self, entity_type: EntityType, remote_id: str) -> Found | None:
        """The object under a remote id, or None."""

    def change_members(
        self, group: Entity, changes: MemberChanges
    ) -> Iterator[Sequence[Member]]:
        """Send membership changes in chunks; yield each chunk once the target accepted it."""
        raise ConnectorIsWrong(f"{self.label} has no groups")

    @abstractmethod
    def check(self) -> list[Finding]:
        """Test the connection without changing anything there."""
