"""The production set-up: hardened containers, secrets from files, nothing but nginx reachable."""

import os
import re
import subprocess
from typing import Any

import pytest
import yaml

from launcher.config import PROJECT

PRODUCT = ("web", "worker", "beat", "migrate")
TEXT = (PROJECT / "docker-compose.yml").read_text("utf-8")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return yaml.safe_load(TEXT)


def test_compose_accepts_the_file(compose):
    """With a docker client that knows compose, its own check; everywhere, that all names used are defined."""
    if subprocess.run(["sh", "-c", "docker compose version"], capture_output=True, check=False).returncode == 0:
        environ = {**os.environ, "ALLOWED_HOSTS": "anju.example"}
        command = ["docker", "compose", "-f", str(PROJECT / "docker-compose.yml"), "config", "-q"]
        done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    services = compose["services"].values()
    assert {name for service in services for name in service.get("secrets", [])} <= set(compose["secrets"])
    assert {name for service in services for name in service["networks"]} <= set(compose["networks"])
    assert {name for service in services for name in service.get("depends_on", {})} <= set(compose["services"])
    mounts = [mount.split(":")[0] for service in services for mount in service.get("volumes", [])]
    named = {mount for mount in mounts if not mount.startswith(".")}
    assert named <= set(compose["volumes"])
    assert all((PROJECT / mount).is_file() for mount in mounts if mount.startswith("."))


@pytest.mark.parametrize("name", ["nginx", "web", "worker", "beat", "migrate", "postgres", "redis"])
def test_every_container_is_hardened(compose, name):
    service = compose["services"][name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["stop_grace_period"] == "40s"


@pytest.mark.parametrize("name", ["nginx", "web", "worker", "beat", "postgres", "redis"])
def test_every_lasting_container_has_a_health_check(compose, name):
    assert compose["services"][name]["healthcheck"]["test"]


def test_only_nginx_is_reachable_from_outside(compose):
    assert [name for name, service in compose["services"].items() if "ports" in service] == ["nginx"]
    assert compose["networks"]["inside"]["internal"] is True


def test_no_secret_stands_in_the_compose_file(compose):
    assert all(list(secret) == ["file"] for secret in compose["secrets"].values())
    assert not re.search(r"(?i)(password|secret_key|vault_key)\s*[:=]\s*[^\s{/$]", TEXT.split("\nsecrets:")[0])


def test_no_container_runs_as_root(compose):
    dockerfile = (PROJECT / "Dockerfile").read_text("utf-8")
    assert re.findall(r"^USER (.+)$", dockerfile, re.MULTILINE) == ["anju"]
    assert "unprivileged" in compose["services"]["nginx"]["image"]
    assert compose["services"]["postgres"]["user"] == "postgres"
    assert compose["services"]["redis"]["user"] == "redis"


@pytest.mark.parametrize("name", PRODUCT)
def test_the_owner_of_the_tables_is_known_to_migrations_only(compose, name):
    assert ("app_owner_password" in compose["services"][name]["secrets"]) is (name == "migrate")


def test_the_image_leaves_the_embedded_servers_and_node_behind():
    final_stage = (PROJECT / "Dockerfile").read_text("utf-8").rpartition("\nFROM ")[2]
    assert "/opt/build" not in final_stage
    assert "embedded" not in (PROJECT / "requirements" / "base.txt").read_text("utf-8")


@pytest.mark.parametrize(
    "script", ["deploy/entrypoint.sh", "deploy/make-secrets.sh", "deploy/postgres/init.sh", ".ci/run"]
)
def test_scripts_are_executable_and_well_formed(script):
    path = PROJECT / script
    assert os.access(path, os.X_OK)
    assert subprocess.run(["bash", "-n", str(path)], capture_output=True, check=False).returncode == 0


def test_every_setting_that_is_read_is_explained():
    """Settings read by Django and by the launcher stand in .env.example; what the launcher sets itself need not."""
    sources = [*(PROJECT / "portal" / "settings").glob("*.py"), *(PROJECT / "launcher").glob("*.py")]
    pattern = re.compile(
        r"""(?:env(?:\.\w+)?\(|environ\.get\(|number\(merged, |merged\.get\(|value_of\(\w+, )"([A-Z][A-Z_]+)\""""
    )
    read = {name for path in sources for name in pattern.findall(path.read_text("utf-8"))}
    internal = {"ANJU_DB_ROLE", "BENCH", "PATH", "TEST_DB_NAME", "ONLY", "PYTEST"}
    explained = (PROJECT / ".env.example").read_text("utf-8")
    assert {name for name in read - internal if not re.search(rf"^#?{name}=", explained, re.MULTILINE)} == set()


def test_locks_have_hashes_and_no_addresses():
    for name in ("base", "run", "dev"):
        text = (PROJECT / "requirements" / f"{name}.txt").read_text("utf-8")
        assert "://" not in text
        pinned = re.findall(r"^[a-z0-9][^ =]*==", text, re.MULTILINE)
        assert pinned
        assert len(
            re.findall(r"^[a-z0-9][^=]*==\S+ .*\\\n +--hash=|^[a-z0-9][^=]*==\S+ \\\n +--hash=", text, re.MULTILINE)
        ) == len(pinned)
