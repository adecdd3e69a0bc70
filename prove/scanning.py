"""Looking for given texts in everything that is left behind: files, tables, the broker."""

import base64
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

import environ
import psycopg2
import redis

TAIL = 512


class Needles:
    """Finds any of many texts in a stream of bytes, as they are and as a database, a URL or base64 would write them."""

    def __init__(self, texts: Iterable[str]) -> None:
        self.forms: dict[bytes, str] = {}
        for text in texts:
            raw = text.encode()
            forms = {
                raw,
                raw.hex().encode(),
                quote(text).encode(),
                text.encode("unicode_escape"),
                text.encode("gb18030"),
            }
            forms |= {base64.b64encode(raw).rstrip(b"=")[:-1]}
            self.forms |= {form: text for form in forms if len(form) > 5}  # noqa: PLR2004
        self.by_head: dict[bytes, list[bytes]] = {}
        for form in self.forms:
            self.by_head.setdefault(form[:4], []).append(form)

    def found(self, data: bytes) -> set[str]:
        return {self.forms[form] for form in self._hits(data)}

    def _hits(self, data: bytes) -> Iterator[bytes]:
        for head, forms in self.by_head.items():
            if head in data:
                yield from (form for form in forms if form in data)

    def in_chunks(self, chunks: Iterable[bytes]) -> set[str]:
        hits: set[str] = set()
        before = b""
        for chunk in chunks:
            hits |= self.found(before + chunk)
            before = chunk[-TAIL:]
        return hits


def in_files(needles: Needles, folders: Iterable[Path]) -> tuple[int, list[str]]:
    """(bytes read, where something was found); names of files count as well as contents."""
    size, hits = 0, []
    for path in (path for folder in folders if folder.is_dir() for path in folder.rglob("*")):
        if needles.found(str(path).encode()):
            hits.append(f"file name {path.name}")
        if path.is_file() and not path.is_symlink():
            data = path.read_bytes()
            size += len(data)
            hits += [f"file {path.name}"] if needles.in_chunks([data]) else []
    return size, hits


def backup_url() -> str:
    """As the backup reads the database: everything, past row-level security."""
    parts = urlsplit(os.environ["DATABASE_OWNER_URL"])
    secret = Path(os.environ.get("DATA_DIR", ".data")) / "secrets" / "app_backup.password"
    password = f":{quote(secret.read_text().strip())}" if secret.is_file() else ""
    return urlunsplit(parts._replace(netloc=f"app_backup{password}@{parts.netloc.rpartition('@')[2]}"))


def in_database(needles: Needles, leave_out: frozenset[str] = frozenset()) -> tuple[int, list[str]]:
    """Every table as a backup would write it, one after the other; `leave_out` names tables that may hold them."""
    told = environ.Env.db_url_config(backup_url())
    size, hits = 0, []
    link: Any = psycopg2.connect(
        dbname=told["NAME"],
        user=told["USER"],
        password=told["PASSWORD"],
        host=told["HOST"] or told.get("OPTIONS", {}).get("host"),
        port=told["PORT"] or None,
    )
    with link, link.cursor() as cursor:
        cursor.execute(
            "SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1"
        )
        for (table,) in cursor.fetchall():
            if table not in leave_out:
                target = Collected(needles)
                cursor.copy_expert(f"COPY {table} TO STDOUT", target)
                size += target.size
                hits += [f"table {table}"] if target.found() else []
    link.close()
    return size, hits


class Collected:
    """A file to write to that keeps only what was found."""

    def __init__(self, needles: Needles) -> None:
        self.needles, self.size, self.waiting = needles, 0, b""
        self.hits: set[str] = set()

    def write(self, data: bytes) -> int:
        self.size += len(data)
        self.waiting += data
        if len(self.waiting) > 1 << 20:
            self.hits |= self.needles.found(self.waiting)
            self.waiting = self.waiting[-TAIL:]
        return len(data)

    def found(self) -> set[str]:
        return self.hits | self.needles.found(self.waiting)


def in_broker(needles: Needles, url: str) -> tuple[int, list[str]]:
    """Every key of the broker with its value as it is written to disk."""
    link = redis.Redis.from_url(url)
    size, hits = 0, []
    for key in link.scan_iter():
        value = link.dump(key) or b""
        kind = link.type(key)
        more: list[Any] = link.lrange(key, 0, -1) if kind == b"list" else link.hvals(key) if kind == b"hash" else []
        data = key + b"\n" + value + b"\n" + b"\n".join(more)
        size += len(data)
        hits += [f"broker key {key.decode(errors='replace')[:20]}"] if needles.found(data) else []
    link.close()
    return size, hits
