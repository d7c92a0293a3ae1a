"""`/Users` and `/Groups` of SCIM 1.1: those of SCIM 2.0, with another PATCH."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from provisioning.inbound.scim2.groups import Groups
from provisioning.inbound.scim2.messages import Call
from provisioning.inbound.scim2.operations import Operation
from provisioning.inbound.scim2.patch import Draft
from provisioning.inbound.scim2.users import Users
from provisioning.inbound.scim11.patch import read_partial


class Users1(Users):
    def read_patch(self, call: Call, body: Any) -> Callable[[Draft], None]:
        return read_partial(self.schema, body, strict=call.strict).apply


class Groups1(Groups):
    def read_patch(self, call: Call, body: Any) -> Sequence[Operation]:
        return [*read_partial(self.schema, body, strict=call.strict).operations()]
