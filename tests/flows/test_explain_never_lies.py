"""What `explain` says is what arrives: random configurations over real HTTP targets."""

from __future__ import annotations

import copy
import dataclasses
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from django.utils import timezone

from idp.models import Group, OutboundConnector, Tenant, User
from provisioning import (
    explain,
    housekeeping,
    operations,
    reconsidering,
    remote_paths,
    subjects,
)
from provisioning.changes import NameTaken
from provisioning.configuration import apply
from provisioning.explain import Explanation, Target
from provisioning.models import AuditEvent, Job, LinkState, ProvisionedEntity, Tick
from serviceproviders.models import RESIDENT, ServiceProvider
from tests.fakes.scim2 import Scim2Target
from tests.flows import random_configurations as configurations
from tests.flows.conftest import Store

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 50
"""Each with four identity providers that are configured independently of each other."""
PEOPLE = ["kim", "STAFF/kim"]
Resources = dict[str, dict[str, dict[str, Any]]]


@pytest.fixture
def targets() -> Iterator[dict[str, Scim2Target]]:
    with ExitStack() as stack:
        names = configurations.PROVIDERS
        yield {name: stack.enter_context(Scim2Target()) for name in names}


@dataclass(frozen=True)
class Case:
    """One answer of explain, the job it speaks about, and the account before and after."""

    kind: str
    target: Target
    job: Job | None
    link: ProvisionedEntity | None
    old: Any
    new: Any
    after: Mapping[str, Any]

    @property
    def others_waited(self) -> bool:
        """Whether older jobs of the same account were on their way, too."""
        return any(sent.job.state == "pending" for sent in self.target.jobs[1:])


class Round:
    """One random configuration: what was explained, what was there before and after."""

    def __init__(
        self, seed: int, tenant: Tenant, targets: dict[str, Scim2Target], tally: Counter[str]
    ) -> None:
        self.random, self.tally = Random(seed), tally
        self.tenant, self.targets = tenant, targets
        apply(configurations.configuration(self.random, targets), actor=f"seed {seed}")
        self.explained: dict[Any, Explanation] = {}
        self.changes: set[uuid.UUID] = set()
        # Whom the new lists and policies move, before anything is explained.
        reconsidering.follow_policies()
        reconsidering.ask_by_the_clock()
        while reconsidering.work():
            pass

    def store(self) -> Store:
        name = self.random.choice([RESIDENT, "portal"])
        return Store(ServiceProvider.objects.get(tenant=self.tenant, name=name))

    def change_groups(self) -> None:
        people = list(User.objects.values_list("pk", flat=True))
        self.group = self.random.choice(list(Group.objects.order_by("name")))
        some = self.random.sample(people, self.random.randint(0, len(people)))
        self.store().set_group(self.group.pk, members=some)

    def change_people(self) -> None:
        users = list(User.objects.select_related("store", "tenant"))
        for user in self.random.sample(users, self.random.choice([1, 1, 1, 2])):
            self.change_person(user)

    def change_person(self, user: User) -> None:
        wanted = configurations.person(self.random)
        name = user.full_name
        if self.random.random() < 0.15:
            name = user.store.full_name(self.random.choice(["kim", "lee", "robin"]))
        store = self.store()
        as_wanted = dataclasses.replace(
            subjects.of_user(user),
            name=name,
            document=wanted.document,
            external_id=wanted.external_id,
            active=wanted.active,
        )
        before = self.ask(as_wanted, store)
        try:
            accepted = store.set_user(
                user.pk,
                name,
                document=wanted.document,
                external_id=wanted.external_id,
                active=wanted.active,
            )
        except NameTaken:
            return
        if accepted.changed:
            self.changes.add(accepted.change_id)
            event = AuditEvent.objects.filter(change_id=accepted.change_id).get()
            assert verdicts_of(event) == {where(t): t.verdict for t in before.targets}
            self.explained[user.pk] = self.ask(
                subjects.find(self.tenant, "user", user.pk), store
            )

    def ask(self, subject: Any, store: Store) -> Explanation:
        return explain.now(subject, store.service_provider)

    def explain_what_is_on_its_way(self) -> None:
        """Whoever was not changed but gained or lost a role, and the groups."""
        for user in User.objects.select_related("store", "tenant"):
            if user.pk not in self.explained:
                self.explained[user.pk] = self.ask(subjects.of_user(user), self.store())
        group = subjects.find(self.tenant, "group", self.group.pk)
        self.explained[self.group.pk] = self.ask(group, self.store())

    def there(self) -> Resources:
        return {
            name: copy.deepcopy({**target.users, **target.groups})
            for name, target in self.targets.items()
        }

    def judge(self, before: Resources) -> None:
        after = self.there()
        links = list(ProvisionedEntity.objects.all())
        by_place = {(link.connector_id, link.entity_id): link for link in links}
        told = [(pk, t) for pk, one in self.explained.items() for t in one.targets]
        jobs = Job.objects.in_bulk([t.jobs[0].job.pk for _, t in told if t.jobs])
        for pk, target in told:
            name, old_id = target.identity_provider, target.link and target.link.remote_id
            self.judge_one(
                Case(
                    kind=self.explained[pk].type,
                    target=target,
                    job=jobs[target.jobs[0].job.pk] if target.jobs else None,
                    link=by_place.get((target.connector_id, pk)),
                    old=before[name].get(old_id or ""),
                    new=after[name].get(old_id or ""),
                    after=after[name],
                )
            )
        for name, resources in after.items():
            pks = set(OutboundConnector.objects.filter(provider__name=name).values_list("pk"))
            assert set(resources) == {x.remote_id for x in links if (x.connector_id,) in pks}

    def judge_one(self, case: Case) -> None:
        target, old, new = case.target, case.old, case.new
        if case.job is None or target.jobs[0].job.state != "pending":
            # A group is also sent when somebody of it arrives there.
            followed = case.kind == "group" and target.verdict == "update"
            assert same(old, new) or (followed and written(new) == expected(case))
            assert old is not None or case.link is None
            self.tally[f"nothing sent ({target.verdict})"] += 1
        elif case.job.state != "done":
            # Somebody else has that name there: held, refused, or behind one that is held.
            assert case.job.state in ("held", "failed", "pending"), case.job.reason
            assert case.others_waited or same(old, new)
            self.tally["not delivered"] += 1
        elif not fits(target.verdict, case.job.operation):
            # Decided earlier, by a list or a policy; what was meanwhile is planned later.
            assert case.job.change_id not in self.changes
            self.tally["decided earlier"] += 1
        else:
            self.tally[f"{case.kind} {target.verdict}"] += 1
            judge = self.judge_withdrawn if target.verdict == "withdraw" else self.judge_put
            judge(case)

    def judge_put(self, case: Case) -> None:
        assert case.link is not None
        assert case.link.state == LinkState.LINKED
        assert written(case.after[case.link.remote_id]) == expected(case)

    def judge_withdrawn(self, case: Case) -> None:
        connector = OutboundConnector.objects.get(pk=case.target.connector_id)
        if connector.delete_action == "delete":
            assert case.new is None
        elif case.others_waited:
            # What the account was before it was left depends on them.
            assert case.new is not None
        elif connector.delete_action == "keep":
            assert case.new == case.old
        else:
            assert written(case.new) == {**written(case.old), "active": False}


def fits(verdict: str, operation: str) -> bool:
    """Whether a job does what the verdict says; a create may have become an update."""
    puts = ("create", "update")
    return operation == verdict or (verdict in puts and operation in puts)


def expected(case: Case) -> dict[str, Any]:
    """The resource that the explanation promises; made without any code of a connector."""
    payload, old = case.target.payload, case.old
    wanted: dict[str, Any] = copy.deepcopy(payload["attributes"])
    for path, value in payload["create_only"].items():
        kept = value if old is None else remote_paths.read(old, path)
        if kept is not None:
            remote_paths.write(wanted, path, kept)
    wanted["userName" if case.kind == "user" else "displayName"] = case.target.remote_name
    if payload["external_id"]:
        wanted["externalId"] = payload["external_id"]
    if case.kind == "user":
        wanted["active"] = payload["active"]
    return wanted


def same(old: Any, new: Any) -> bool:
    """Whether nobody wrote to it; members go and come with their own accounts."""
    if old is None or new is None:
        return old is None
    return written(old) == written(new)


def written(resource: Any) -> dict[str, Any]:
    """What is ours of a resource."""
    return without(resource, "id", "schemas", "members")


def without(resource: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in resource.items() if key not in keys}


def where(target: Target) -> str:
    return f"{target.identity_provider}/{target.connector}"


def verdicts_of(event: AuditEvent) -> dict[str, str]:
    told = {"owe": "skip"}
    return {
        f"{t['identity_provider']}/{t['connector']}": told.get(t["verdict"], t["verdict"])
        for t in event.detail["targets"]
    }


def test_what_explain_says_is_what_arrives(
    tenant: Tenant,
    store: Store,
    targets: dict[str, Scim2Target],
    deliver: Callable[[], None],
) -> None:
    apply(
        {
            "version": 1,
            "tenants": [
                {
                    "domain": tenant.domain,
                    "user_stores": [{"domain": "STAFF"}],
                    "service_providers": [{"name": "portal"}],
                    "groups": [
                        {"name": name}
                        for name in dict.fromkeys(configurations.ROLES + configurations.GROUPS)
                    ],
                    "users": [{"username": name} for name in PEOPLE],
                }
            ],
        },
        actor="a test",
    )
    # No clock asks the rules again between an explanation and its delivery.
    later = timezone.now() + timedelta(days=1)
    Tick.objects.bulk_create(Tick(name=task.name, due=later) for task in housekeeping.TASKS)
    tally: Counter[str] = Counter()
    for seed in range(ROUNDS):
        one = Round(seed, tenant, targets, tally)
        one.change_groups()
        one.change_people()
        one.explain_what_is_on_its_way()
        before = one.there()
        deliver()
        try:
            one.judge(before)
        except AssertionError as error:
            raise AssertionError(f"seed {seed}: {error}") from error
        if operations.reject(Job.objects.filter(state="held"), actor="a test"):
            deliver()

    # Every kind of ending was met often enough to count.
    assert tally["user update"] > 60, tally
    assert tally["user withdraw"] > 20, tally
    assert tally["group update"] > 5, tally
    assert tally["nothing sent (skip)"] > 100, tally
    assert tally["not delivered"] < 50, tally
