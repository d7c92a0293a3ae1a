from __future__ import annotations

import os
from typing import Any

from django.core.management import call_command

from provisioning import demo, logbook
from provisioning.configuration import ConfigurationError, Result, apply
from provisioning.management.base import Wrong, actor
from provisioning.management.commands.serve import Command as Serve
from provisioning.serving import address_of


class Command(Serve):
    help = (
        "Migrate, load the demo and serve it: 25 people and 3 groups are provisioned over "
        "HTTP into the tenant partner.example of this server. A second run changes nothing."
    )

    def work(self, **options: Any) -> None:
        with logbook.quiet():
            # The worker as well: the address and the password are to stay on the screen.
            os.environ.setdefault("PURVEYOR_LOG_LEVEL", "WARNING")
            self.load_and_serve(options)

    def load_and_serve(self, options: dict[str, Any]) -> None:
        listener = self.listen(options["bind"])
        call_command("migrate", verbosity=0)
        password = demo.admin_password()
        known = demo.ensure_admin(password)
        tree = demo.configuration(
            address_of(listener), demo.kept_secret("demo-target-password")
        )
        try:
            report = apply(tree, actor=actor("demo"))
        except ConfigurationError as error:
            raise Wrong("\n".join(error.problems)) from error
        refused = [line for line in report.lines if line.result is Result.REFUSED]
        if refused:
            raise Wrong("\n".join(str(line) for line in refused), code=1)

        url = self.url(listener)

        def told() -> None:
            self.tell(f"Demo: {report.summary}")
            self.tell(f"URL: {url}")
            self.tell("User: admin")
            self.tell(f"Password: {password if known else '(changed in the console)'}")

        self.serve(listener, options, told)
