"""What every row has: a client-made UUIDv7, so rows can be made in bulk and sort by age."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import models
from uuid_utils.compat import uuid7


def new_id() -> uuid.UUID:
    return uuid7()


def first_id(at: datetime) -> uuid.UUID:
    """The smallest id of a row made at that moment: rows by age are a range of the key."""
    milliseconds = int(at.timestamp() * 1000)
    return uuid.UUID(int=milliseconds << 80 | 0x7 << 76 | 0x2 << 62)


class Row(models.Model):
    """A foreign key that another index begins with has none of its own (`db_index=False`):
    every index is written for every row."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)

    class Meta:
        abstract = True
