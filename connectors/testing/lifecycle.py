"""Create, update, delete, look up, members: what a connector does when all is well."""
# ruff: noqa: S101 - these are tests, to be inherited

from __future__ import annotations

from dataclasses import replace

import pytest

from connectors.base import Connector
from connectors.errors import ConnectorIsWrong, RemoteExists, RemoteMissing
from connectors.http import Http
from connectors.testing.remote import Contract, Remote, accepted
from connectors.types import EntityType, Member, MemberChanges


class Lifecycle(Contract):
    def test_a_created_user_is_found_and_fetched(self, connector: Connector) -> None:
        entity = self.entity("kim")

        receipt = connector.create(entity)

        assert receipt.remote_id
        assert [found.remote_id for found in connector.find(entity)] == [receipt.remote_id]
        fetched = connector.fetch(EntityType.USER, receipt.remote_id)
        assert fetched is not None
        assert fetched.remote_id == receipt.remote_id
        assert fetched.active

    def test_creating_twice_says_that_the_name_is_taken(self, connector: Connector) -> None:
        connector.create(self.entity("kim"))

        with pytest.raises(RemoteExists):
            connector.create(self.entity("kim", local_id="another", external_id="another"))

    def test_awkward_names_are_found_and_find_nobody_else(self, connector: Connector) -> None:
        connector.create(self.entity("kim"))
        for name in self.awkward_names:
            entity = self.entity(name)
            assert connector.find(entity) == []

            receipt = connector.create(entity)

            assert [found.remote_id for found in connector.find(entity)] == [receipt.remote_id]

    def test_what_did_not_change_is_not_sent(self, connector: Connector, http: Http) -> None:
        entity = self.entity("kim")
        receipt = connector.create(entity)
        http.reset()

        connector.update(accepted(entity, receipt))

        assert http.exchanges == []

    def test_a_user_is_renamed(self, connector: Connector) -> None:
        entity = self.entity("kim")
        receipt = connector.create(entity)

        renamed = replace(accepted(entity, receipt), remote_name=self.named("robin"))
        receipt = connector.update(renamed)

        old = self.entity("kim", external_id="")
        assert connector.find(old) == []
        new = connector.find(self.entity("robin", external_id=""))
        assert [found.remote_id for found in new] == [receipt.remote_id]

    def test_a_user_is_deactivated_and_activated_again(self, connector: Connector) -> None:
        entity = self.entity("kim")
        before = accepted(entity, connector.create(entity))

        receipt = connector.update(replace(before, active=False))
        disabled = connector.fetch(EntityType.USER, before.remote_id)
        connector.update(accepted(entity, receipt))
        enabled = connector.fetch(EntityType.USER, before.remote_id)

        assert disabled is not None
        assert not disabled.active
        assert enabled is not None
        assert enabled.active

    def test_a_leaver_is_disabled_whatever_was_accepted_last(
        self, connector: Connector
    ) -> None:
        entity = self.entity("kim")
        before = accepted(entity, connector.create(entity))
        off = connector.update(replace(before, active=False)).accepted
        connector.update(replace(before, accepted=off))  # and somebody enabled it there

        held = {key: value for key, value in off.items() if key != connector.active_key}
        connector.update(replace(before, active=False, attributes=held, accepted=held))

        there = connector.fetch(EntityType.USER, before.remote_id)
        assert there is not None
        assert not there.active
        assert [one.remote_id for one in connector.find(entity)] == [before.remote_id]

    def test_an_update_without_knowledge_works(self, connector: Connector) -> None:
        entity = self.entity("kim")
        receipt = connector.create(entity)

        receipt = connector.update(
            replace(entity, remote_id=receipt.remote_id, remote_name=self.named("robin"))
        )

        found = connector.fetch(EntityType.USER, receipt.remote_id)
        assert found is not None
        assert found.remote_name == self.named("robin")

    def test_updating_somebody_who_is_gone_says_so(
        self, connector: Connector, remote: Remote
    ) -> None:
        entity = self.entity("kim")
        before = accepted(entity, connector.create(entity))
        self.vanish(connector, remote, before)

        for known in (before.accepted, None):
            with pytest.raises(RemoteMissing):
                connector.update(replace(before, active=False, accepted=known))

    def test_deleting_twice_says_that_it_is_gone(self, connector: Connector) -> None:
        entity = self.entity("kim")
        entity = accepted(entity, connector.create(entity))
        connector.delete(entity)

        with pytest.raises(RemoteMissing):
            connector.delete(entity)

    def test_nobody_is_fetched_under_an_unknown_id(
        self, connector: Connector, remote: Remote
    ) -> None:
        entity = self.entity("kim")
        entity = accepted(entity, connector.create(entity))
        self.vanish(connector, remote, entity)

        assert connector.fetch(EntityType.USER, entity.remote_id) is None

    def test_members_come_and_go_in_chunks(self, connector: Connector, remote: Remote) -> None:
        if not connector.handles(EntityType.GROUP):
            with pytest.raises(ConnectorIsWrong):
                list(connector.change_members(self.group("sales"), MemberChanges()))
            return
        group = self.group("sales")
        group = accepted(group, connector.create(group))
        users = [self.entity(f"user{number}") for number in range(130)]
        members = [Member(connector.create(user).remote_id, user.remote_name) for user in users]

        added = list(connector.change_members(group, MemberChanges(add=members)))
        there = sorted(remote.member_ids(group.remote_id))
        gone = [*members[:125], members[0]]
        list(connector.change_members(group, MemberChanges(remove=gone)))

        assert [member for chunk in added for member in chunk] == members
        assert there == sorted(member.remote_id for member in members)
        assert sorted(remote.member_ids(group.remote_id)) == sorted(
            member.remote_id for member in members[125:]
        )

    def test_a_connection_test_changes_nothing_and_says_something(
        self, connector: Connector
    ) -> None:
        findings = connector.check()

        assert findings
        assert all(finding.ok and finding.what for finding in findings)

    def test_a_connection_test_names_what_is_wrong(
        self, connector: Connector, remote: Remote
    ) -> None:
        remote.stop()

        assert not all(finding.ok for finding in connector.check())
