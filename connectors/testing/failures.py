"""Refusals, lost answers, secrets and settings: what a connector does when things go wrong."""
# ruff: noqa: S101 - these are tests, to be inherited

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from connectors import declared
from connectors.base import Connector
from connectors.errors import (
    ConnectorError,
    ConnectorIsWrong,
    NotBefore,
    RemoteMissing,
    RetryLater,
)
from connectors.http import LEASE_MARGIN, Http
from connectors.testing.remote import MARKER, Contract, Remote, accepted


class Failures(Contract):
    def test_too_many_requests_waits_the_seconds_asked_for(
        self, connector: Connector, remote: Remote
    ) -> None:
        remote.fail_next(429, headers={"Retry-After": "7"})

        with pytest.raises(NotBefore) as raised:
            connector.create(self.entity("kim"))

        assert raised.value.retry_after == 7
        assert not raised.value.maybe_sent

    def test_too_many_requests_waits_until_the_date_asked_for(
        self, connector: Connector, remote: Remote
    ) -> None:
        date = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
        remote.fail_next(429, headers={"Retry-After": date})

        with pytest.raises(NotBefore) as raised:
            connector.create(self.entity("kim"))

        assert 80 <= raised.value.retry_after <= 95

    def test_an_internal_error_may_have_taken_effect(
        self, connector: Connector, remote: Remote
    ) -> None:
        remote.fail_next(500)

        with pytest.raises(RetryLater) as raised:
            connector.create(self.entity("kim"))

        assert raised.value.maybe_sent

    def test_refused_credentials_are_the_fault_of_the_connector(
        self, connector: Connector, remote: Remote
    ) -> None:
        remote.fail_next(401)
        remote.fail_next(401)

        with pytest.raises(ConnectorIsWrong):
            connector.create(self.entity("kim"))

    def test_forbidden_is_the_fault_of_the_connector(
        self, connector: Connector, remote: Remote
    ) -> None:
        remote.fail_next(403, times=2)

        with pytest.raises(ConnectorIsWrong):
            connector.create(self.entity("kim"))

    def test_a_slow_answer_is_waited_for(self, connector: Connector, remote: Remote) -> None:
        entity = self.entity("kim")
        hang = remote.hang_next(processed=True)
        with ThreadPoolExecutor(1) as elsewhere:
            creating = elsewhere.submit(connector.create, entity)
            hang.reached.wait(10)
            hang.release()
            receipt = creating.result()

        assert [found.remote_id for found in connector.find(entity)] == [receipt.remote_id]

    def test_no_answer_in_time_may_have_taken_effect(self, remote: Remote) -> None:
        lease = [60.0]
        with Http(allow_private=True, deadline=lambda: lease[0]) as http:
            connector = self.signed_in(remote, http)
            hang = remote.hang_next(processed=True)
            lease[0] = LEASE_MARGIN + 0.3
            with pytest.raises(RetryLater) as raised:
                connector.create(self.entity("kim"))
            hang.release()

        assert raised.value.maybe_sent

    def test_after_a_broken_connection_the_created_user_is_found(
        self, connector: Connector, remote: Remote
    ) -> None:
        remote.drop_next()
        entity = self.entity("kim")

        with pytest.raises(RetryLater) as raised:
            connector.create(entity)

        assert raised.value.maybe_sent
        assert len(connector.find(entity)) == 1

    def test_after_a_connection_that_broke_before_the_write_nobody_is_found(
        self, connector: Connector, remote: Remote
    ) -> None:
        remote.drop_next(processed=False)
        entity = self.entity("kim")

        with pytest.raises(RetryLater) as raised:
            connector.create(entity)

        assert raised.value.maybe_sent
        assert connector.find(entity) == []
        connector.create(entity)

    def test_after_a_lost_answer_an_update_can_be_repeated(
        self, connector: Connector, remote: Remote
    ) -> None:
        entity = self.entity("kim")
        update = replace(accepted(entity, connector.create(entity)), active=False)
        remote.drop_next()

        with pytest.raises(RetryLater):
            connector.update(update)

        connector.update(replace(update, accepted=None))
        found = connector.fetch(update.type, update.remote_id)
        assert found is not None
        assert not found.active

    def test_after_a_lost_answer_a_delete_can_be_repeated(
        self, connector: Connector, remote: Remote
    ) -> None:
        entity = self.entity("kim")
        entity = accepted(entity, connector.create(entity))
        remote.drop_next()

        with pytest.raises(RetryLater):
            connector.delete(entity)

        with suppress(RemoteMissing):
            connector.delete(entity)
        found = connector.fetch(entity.type, entity.remote_id)
        assert found is None or not found.active

    def test_a_refused_connection_sent_nothing(
        self, connector: Connector, remote: Remote
    ) -> None:
        remote.stop()

        with pytest.raises(RetryLater) as raised:
            connector.create(self.entity("kim"))

        assert not raised.value.maybe_sent

    def test_a_redirect_is_not_followed(self, connector: Connector, remote: Remote) -> None:
        elsewhere = "http://127.0.0.1:9/elsewhere"
        before = remote.count_requests()
        remote.fail_next(307, headers={"Location": elsewhere})

        with pytest.raises(ConnectorIsWrong):
            connector.create(self.entity("kim"))

        assert remote.count_requests() == before + 1

    def test_garbage_is_named_as_an_error(self, connector: Connector, remote: Remote) -> None:
        entity = self.entity("kim")

        for attempt in (connector.find, lambda e: connector.fetch(e.type, "some-id")):
            remote.garbage_next()
            with pytest.raises(ConnectorError):
                attempt(entity)

    def test_garbage_after_a_create_never_becomes_an_id(
        self, connector: Connector, remote: Remote
    ) -> None:
        entity = self.entity("kim")
        remote.garbage_next()

        receipt = connector.create(entity)

        assert [found.remote_id for found in connector.find(entity)] == [receipt.remote_id]

    def test_a_create_that_cannot_be_looked_up_may_have_taken_effect(
        self, connector: Connector, remote: Remote
    ) -> None:
        remote.garbage_next()
        remote.fail_next(500, times=5)

        with pytest.raises(RetryLater) as raised:
            connector.create(self.entity("kim"))

        assert raised.value.maybe_sent

    def test_nothing_is_sent_when_the_lease_is_over(self, remote: Remote) -> None:
        before = remote.count_requests()
        with Http(allow_private=True, deadline=lambda: 0.5) as http:
            connector = self.connector_class(remote.settings, http)

            with pytest.raises(RetryLater) as raised:
                connector.create(self.entity("kim"))

        assert not raised.value.maybe_sent
        assert remote.count_requests() == before

    def test_secrets_are_in_no_recording_receipt_or_error(
        self, connector: Connector, remote: Remote, http: Http
    ) -> None:
        entity = self.entity("kim", password=MARKER)
        shown = [repr(entity)]

        receipt = connector.create(entity)
        update = replace(accepted(entity, receipt), password=MARKER + "2", active=False)
        shown += [repr(receipt), repr(connector.update(update))]
        for status in (400, 401, 500):
            said = json.dumps({"detail": f"no {MARKER}2", "password": MARKER}).encode()
            remote.fail_next(status, times=2, body=said)  # credentials may be renewed once
            with pytest.raises(ConnectorError) as raised:
                connector.update(replace(update, active=True, remote_name=self.named("robin")))
            shown.append(str(raised.value))
            remote.behave()
        shown += map(repr, http.exchanges)

        for secret in (*remote.secrets, MARKER):
            assert not [text for text in shown if secret in text]

    def test_its_settings_are_declared_well(self) -> None:
        assert self.connector_class.key
        assert self.connector_class.label
        assert declared.problems(self.connector_class.fields) == []

    def test_required_settings_are_asked_for_by_label(self, remote: Remote, http: Http) -> None:
        for field in self.connector_class.fields:
            if field.required and declared.is_shown(
                field, self.connector_class.fields, remote.settings
            ):
                settings = {**remote.settings, field.name: ""}
                with pytest.raises(ConnectorIsWrong, match=field.label):
                    self.connector_class(settings, http)
