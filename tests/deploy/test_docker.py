"""What the image and the compose files promise, read from them: no daemon is needed."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from django.core.management import get_commands

from provisioning.serving.child import PATIENCE
from tests.deploy.reading import DEPLOY, ROOT, documents, seconds, settings_known

DOCKER = DEPLOY / "docker"
FOR_OTHERS = {"POSTGRES_PASSWORD", "PURVEYOR_HOST"}
GRACE = 30


def instructions() -> list[tuple[str, str]]:
    """Of the Dockerfile, with continued lines joined."""
    text = re.sub(r"^#.*\n", "", (DOCKER / "Dockerfile").read_text(), flags=re.MULTILINE)
    joined = re.sub(r"\\\n\s*", " ", text)
    pairs = (line.split(maxsplit=1) for line in joined.splitlines() if line.strip())
    return [(name, rest) for name, rest in pairs]


def of_kind(kind: str) -> list[str]:
    return [rest for name, rest in instructions() if name == kind]


def last_stage() -> list[tuple[str, str]]:
    every = instructions()
    start = max(i for i, (name, _) in enumerate(every) if name == "FROM")
    return every[start:]


def compose(name: str = "compose.yaml") -> Any:
    return documents(DOCKER / name)[0]


def ours(tree: Any) -> dict[str, Any]:
    return {name: s for name, s in tree["services"].items() if s.get("image") == "purveyor"}


def test_what_is_copied_exists_and_reaches_the_builder() -> None:
    allowed = re.findall(r"^!(\S+)$", (ROOT / ".dockerignore").read_text(), re.MULTILINE)

    copied = [
        source
        for rest in of_kind("COPY")
        if "--from" not in rest
        for source in rest.split()[:-1]
    ]

    assert sorted(copied) == sorted(allowed)
    assert [source for source in copied if not (ROOT / source).exists()] == []


def test_every_package_of_ours_is_in_the_image() -> None:
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")}

    copied = {rest.split()[-1] for rest in of_kind("COPY")}

    assert packages - {"tests", "bench"} <= copied


def test_the_image_holds_no_secret_and_runs_as_nobody_special() -> None:
    stage = last_stage()
    settings = " ".join(rest for name, rest in instructions() if name in ("ENV", "ARG"))

    assert [rest for name, rest in stage if name == "USER"] == ["10001:10001"]
    assert "SECRET" not in settings
    assert "DATABASE_URL" not in settings


def test_signals_reach_the_process() -> None:
    (entry,) = of_kind("ENTRYPOINT")
    (command,) = of_kind("CMD")

    assert entry == '["python", "manage.py"]'
    assert command.strip('[]"') in get_commands()


def test_the_image_is_built_with_the_uv_that_made_the_lock() -> None:
    (makefile,) = re.findall(r"^UV_VERSION := (\S+)", (ROOT / "Makefile").read_text(), re.M)

    assert f"UV_VERSION={makefile}" in of_kind("ARG")
    assert any("uv sync --frozen" in rest for rest in of_kind("RUN"))


def test_the_services_run_what_exists_with_settings_that_exist() -> None:
    for service in ours(compose()).values():
        runs = service.get("entrypoint") or service["command"]
        assert runs[0] == "celery" or runs[0] in get_commands()
        assert set(service["environment"]) <= settings_known()
        assert service["read_only"] is True


def test_nobody_starts_before_the_database_is_migrated() -> None:
    services = compose()["services"]

    for name in ("web", "worker"):
        waits = services[name]["depends_on"]
        assert waits == {"migrate": {"condition": "service_completed_successfully"}}
    assert services["migrate"]["depends_on"]["postgres"] == {"condition": "service_healthy"}


def test_only_the_proxy_can_be_reached_from_outside() -> None:
    tree = compose()

    assert [name for name, s in tree["services"].items() if "ports" in s] == ["proxy"]
    assert tree["networks"]["inside"] == {"internal": True}


@pytest.mark.parametrize("name", ["web", "worker"])
def test_there_is_time_to_finish_what_is_under_way(name: str) -> None:
    grace = seconds(compose()["services"][name]["stop_grace_period"])

    assert grace > GRACE + PATIENCE


def test_files_that_are_mounted_exist() -> None:
    mounted = [v.split(":")[0] for v in compose()["services"]["proxy"]["volumes"]]

    files = [DOCKER / path for path in mounted if path.startswith(".")]

    assert files
    assert [path for path in files if not path.exists()] == []


def test_networks_and_volumes_that_are_used_are_declared() -> None:
    tree = compose()
    for service in tree["services"].values():
        named = {v.split(":")[0] for v in service.get("volumes", []) if v[0] not in "./"}
        assert named <= set(tree["volumes"])
        assert set(service["networks"]) <= set(tree["networks"])


def test_variables_of_the_compose_file_are_in_its_example() -> None:
    used = set(re.findall(r"\$\{([A-Z_]+)", (DOCKER / "compose.yaml").read_text()))

    told = set(re.findall(r"^([A-Z_]+)=", (DOCKER / "env.example").read_text(), re.M))

    assert used == told
    assert told - FOR_OTHERS <= settings_known()


def test_rabbitmq_takes_the_place_of_redis_for_everybody() -> None:
    base, override = compose(), compose("compose.rabbitmq.yaml")

    assert set(override["services"]) == {*ours(base), "broker"}
    for name in ours(base):
        url = override["services"][name]["environment"]["CELERY_BROKER_URL"]
        assert url.startswith("amqp://")
        assert "broker" in url
    assert {"image", "command", "healthcheck"} <= set(override["services"]["broker"])


def test_compose_itself_accepts_the_files(tmp_path: Path) -> None:
    docker = shutil.which("docker")
    version = [docker or "docker", "compose", "version"]
    if not docker or subprocess.run(version, capture_output=True, timeout=60).returncode:
        pytest.skip("no `docker compose` on this machine: the files were only read")
    filled = tmp_path / "filled.env"
    example = (DOCKER / "env.example").read_text()
    filled.write_text(re.sub(r"=$", "=x", example, flags=re.MULTILINE))
    for files in (["compose.yaml"], ["compose.yaml", "compose.rabbitmq.yaml"]):
        named = [part for name in files for part in ("-f", str(DOCKER / name))]
        done = subprocess.run(
            [docker, "compose", "--env-file", str(filled), *named, "config", "--quiet"],
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
