"""What the refusals of Google's Directory API mean."""

from __future__ import annotations

from connectors.types import KnownCause

CAUSES = (
    KnownCause(
        r"limitExceeded|user limit|licen[cs]e",
        "The organisation has no licence left. Buy more in the Google Admin console, or remove "
        "people who do not need one, then retry all of them.",
    ),
    KnownCause(
        r"domain not found|domainNotFound|domain .{0,40}not",
        "The domain is not one of this Google account. Check the domain in the connector's "
        "settings, and that it is verified in the Admin console, then retry all of them.",
    ),
    KnownCause(
        r"alias|group's address|is a group",
        "The address belongs to somebody else's alias, or to a group. Free it in the Google "
        "Admin console, or rename the person, then retry.",
    ),
    KnownCause(
        r"password",
        "Google does not take the password: it wants 8 to 100 characters. Have the person set "
        "another one; that is a new job.",
    ),
    KnownCause(
        r"orgunit|org unit|organi[sz]ational unit",
        "There is no such organizational unit. Make it in the Admin console, or mend the claim "
        "mapping or the connector's settings, then retry.",
    ),
    KnownCause(
        r"custom ?schema",
        "The custom schema, or its field, does not exist there. Make it in the Admin console, "
        "or take it out of the claim mapping, then retry.",
    ),
    KnownCause(
        r"given_?name|family_?name",
        "Google wants a given name and a family name of at most 60 characters. Fill them in at "
        "the person, then retry.",
    ),
    KnownCause(
        r"invalid",
        "Google does not take a value as it is. The reason names it: mend it at the person, in "
        "the claim mapping, or for this one delivery with Edit and retry.",
    ),
)
