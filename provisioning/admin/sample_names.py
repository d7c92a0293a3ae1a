"""What a person would be called at a target, by a connector form that is being filled in."""

from __future__ import annotations

from typing import Any

from connectors import ConnectorError, EntityType
from idp import queries as people
from idp.forms import PREFIX, ConnectorForm
from idp.models import Tenant, User
from provisioning import planning, subjects, targets


def shown(form: ConnectorForm, tenant: Tenant, name: str) -> dict[str, Any]:
    """What the fragment shows: a `person` with a `name`, or what is in the way."""
    user = _person(tenant, name)
    if user is None:
        said = f"There is no user “{name}”." if name else "There are no users yet."
        return {"said": said}
    if not form.is_valid():
        return {"problems": _problems(form)}
    try:
        connector = targets.open_connector(form.unsaved())
    except ConnectorError as error:
        return {"problems": [str(error)]}
    local = planning.local_name(subjects.of_user(user, groups=frozenset()), form.instance)
    return {"person": user, "name": connector.remote_name(EntityType.USER, local)}


def _person(tenant: Tenant, name: str) -> User | None:
    users = people.users_of(tenant).select_related("tenant", "store")
    if not name:
        return users.order_by("pk").first()
    return users.filter(people.named(people.stores_of(tenant), name, "username_key")).first()


def _problems(form: ConnectorForm) -> list[str]:
    """Of the settings that make names; of others only that they are missing."""
    patterns = {PREFIX + field.name for field in form.declared if field.kind == "pattern"}
    found = [str(text) for name in patterns for text in form.errors.get(name, ())]
    others = [str(form.fields[name].label) for name in form.errors if name in form.fields]
    return found or [f"Fill in first: {', '.join(others) or 'what is marked below'}."]
