from __future__ import annotations

import shutil
import subprocess
from typing import Any

import pytest
import yaml
from django.core.management import get_commands

from tests.deploy.reading import DEPLOY, documents, settings_known

FOLDER = DEPLOY / "kubernetes"
OUTSIDE = {"kustomization.yaml", "secret.example.yaml"}
SLOWEST_REQUEST = 30


def objects() -> list[Any]:
    files = [path for path in sorted(FOLDER.glob("*.yaml")) if path.name not in OUTSIDE]
    return [document for path in files for document in documents(path)]


def of_kind(kind: str) -> list[Any]:
    return [one for one in objects() if one["kind"] == kind]


def pods() -> dict[str, Any]:
    """The specification of every pod there will be, by the name of what makes it."""
    found = {}
    for one in objects():
        spec = one.get("spec", {})
        template = spec.get("jobTemplate", {}).get("spec", spec).get("template")
        if template:
            found[one["metadata"]["name"]] = template["spec"]
    return found


def every_pod() -> Any:
    return pytest.mark.parametrize("name", sorted(pods()))


def container(name: str) -> Any:
    (only,) = pods()[name]["containers"]
    return only


def test_kustomize_builds_every_file() -> None:
    listed = documents(FOLDER / "kustomization.yaml")[0]["resources"]
    assert sorted(listed) == sorted(p.name for p in FOLDER.iterdir() if p.name not in OUTSIDE)
    if shutil.which("kubectl") is None:
        pytest.skip("no kubectl on this machine: the manifests were read, but not built")

    done = subprocess.run(
        ["kubectl", "kustomize", str(FOLDER)], capture_output=True, text=True, timeout=120
    )

    assert done.returncode == 0, done.stderr
    built = list(yaml.safe_load_all(done.stdout))
    assert len(built) == len(objects())
    assert {one["metadata"].get("namespace", "purveyor") for one in built} == {"purveyor"}
    images = [line for line in done.stdout.splitlines() if "image:" in line]
    assert images
    assert all("registry.example.org/purveyor:" in line for line in images)


@every_pod()
def test_every_pod_is_shut_in(name: str) -> None:
    pod, inside = pods()[name], container(name)["securityContext"]

    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert pod["automountServiceAccountToken"] is False
    assert inside["readOnlyRootFilesystem"] is True
    assert inside["allowPrivilegeEscalation"] is False
    assert inside["capabilities"] == {"drop": ["ALL"]}


@every_pod()
def test_every_pod_runs_what_exists_and_reads_the_same_settings(name: str) -> None:
    only = container(name)

    assert "command" in only or only["args"][0] in get_commands()
    assert only["envFrom"] == [
        {"configMapRef": {"name": "purveyor"}},
        {"secretRef": {"name": "purveyor"}},
    ]
    assert {m["name"] for m in only["volumeMounts"]} == {
        v["name"] for v in pods()[name]["volumes"]
    }


def test_settings_exist_and_no_secret_is_among_those_for_everybody_to_read() -> None:
    (plain,) = of_kind("ConfigMap")
    (secret,) = documents(FOLDER / "secret.example.yaml")

    assert set(plain["data"]) | set(secret["stringData"]) <= settings_known()
    assert {"SECRET_KEY", "PURVEYOR_SECRET_KEYS", "DATABASE_URL"} <= set(secret["stringData"])
    assert set(plain["data"]) & set(secret["stringData"]) == set()
    assert all(isinstance(value, str) for value in plain["data"].values())


def test_readiness_asks_the_database_and_life_does_not() -> None:
    web = container("purveyor-web")

    assert web["readinessProbe"]["httpGet"]["path"] == "/readyz"
    assert web["livenessProbe"]["httpGet"]["path"] == "/healthz"
    assert web["startupProbe"]["httpGet"]["path"] == "/healthz"


@pytest.mark.parametrize("name", ["purveyor-web", "purveyor-worker"])
def test_there_is_time_to_finish_what_is_under_way(name: str) -> None:
    assert pods()[name]["terminationGracePeriodSeconds"] > SLOWEST_REQUEST + 10


def test_what_points_to_pods_points_to_some() -> None:
    labels = [one["spec"]["template"]["metadata"]["labels"] for one in of_kind("Deployment")]
    selectors = [one["spec"]["selector"] for one in of_kind("Service")]
    for kind, field in (("PodDisruptionBudget", "selector"), ("Deployment", "selector")):
        selectors += [one["spec"][field]["matchLabels"] for one in of_kind(kind)]
    policies = [one["spec"]["podSelector"] for one in of_kind("NetworkPolicy")]
    selectors += [one["matchLabels"] for one in policies if one]

    assert len(selectors) == 6
    assert [s for s in selectors if not any(s.items() <= one.items() for one in labels)] == []


def test_the_ingress_and_the_autoscaler_name_what_exists() -> None:
    (ingress,), (scaler,), (service,) = (
        of_kind(kind) for kind in ("Ingress", "HorizontalPodAutoscaler", "Service")
    )
    (path,) = ingress["spec"]["rules"][0]["http"]["paths"]
    deployments = {one["metadata"]["name"] for one in of_kind("Deployment")}

    assert path["backend"]["service"]["name"] == service["metadata"]["name"]
    assert path["backend"]["service"]["port"]["name"] in {
        port["name"] for port in service["spec"]["ports"]
    }
    assert scaler["spec"]["scaleTargetRef"]["name"] in deployments
