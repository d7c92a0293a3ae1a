"""Everything a profile can set. The defaults are what a standard server gets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Method = Literal["auto", "put", "patch"]


@dataclass(frozen=True, slots=True)
class Throttling:
    """Answers that ask for patience although they do not look like it.

    All that is given must hold: the status is one of `statuses`, the header `spent` is 0
    *or* the words `says` are in what is said (in any case). `until` is a header with the
    time to come back in seconds since 1970, `pause` the seconds to wait without it.
    """

    statuses: tuple[int, ...]
    says: str = ""
    spent: str = ""
    until: str = ""
    pause: float = 10.0


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What the connector does. Attributes are named by paths: `title`, `name.givenName`,
    `emails.display`, `urn:…:User:manager.displayName`."""

    accept: str = ""
    """The Accept header; empty: the content type, and application/json."""
    content_type: str = "application/scim+json"
    config_resource: str = "ServiceProviderConfig"
    """What the resource is called that tells what the server can do."""

    user_update: Method = "auto"
    """How users are changed: PATCH and, where there is none, PUT; or one of them only."""
    group_update: Method = "auto"
    patch_paths: bool = True
    """Whether a changed attribute has a path in a PATCH, or all are values of one operation."""

    user_filters: tuple[str, ...] | None = None
    """The attributes that can be filtered by; None: all."""
    group_filters: tuple[str, ...] | None = None
    start_index: bool = True
    """Whether lists know `startIndex`. Without it only the first page is ever seen."""
    excluded_attributes: bool = True
    """Whether a group can be read without its members."""

    members_per_request: int = 100
    member_removal: Literal["path", "values"] = "path"
    """Whether members go by a path with a filter each, or by a list of values."""
    member_values: Literal["list", "object"] = "list"
    """Whether values of members are a list, or an object that holds the list."""

    single_valued: tuple[str, ...] = ()
    """Of these attributes of users only the primary value is sent."""
    marked_primary: tuple[str, ...] = ()
    """The first value of these attributes of users is marked primary, if none is."""
    omitted: tuple[str, ...] = ()
    """Attributes of users that are never sent."""
    required: tuple[str, ...] = ()
    """Attributes without which no user is created."""

    user_delete: Literal["delete", "deactivate"] = "delete"
    """How a user is deleted: by DELETE, or by `active: false` where nobody can be deleted."""
    deactivation: Literal["keeps", "removes"] = "keeps"
    """What `active: false` does there to an account."""
    group_life: Literal["whole", "members"] = "whole"
    """Whether groups are created and deleted, or only their members change."""
    group_rename: bool = True

    throttling: tuple[Throttling, ...] = ()


STANDARD = Behaviour()
