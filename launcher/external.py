"""Checks of a database and a broker that the operator runs himself (DATABASE_URL, REDIS_URL)."""

from urllib.parse import urlsplit

import psycopg2
import redis

from launcher.say import RefusedError

OLDEST_SERVER = 160_000
CONNECT_SECONDS = 5


def database(url: str) -> None:
    """The address itself is never shown: it contains the password."""
    connection = _connect(url)
    version = connection.server_version
    connection.close()
    if version < OLDEST_SERVER:
        raise RefusedError(
            f"需要 PostgreSQL 16 或更新版本，DATABASE_URL 指向的服务器是 {version // 10_000}。",
            f"PostgreSQL 16 or newer is needed, but the server of DATABASE_URL is {version // 10_000}.",
        )


def _connect(url: str) -> psycopg2.extensions.connection:
    if urlsplit(url).scheme not in {"postgres", "postgresql"}:
        raise RefusedError(
            "DATABASE_URL 的格式不正确，应为 postgresql://用户:密码@主机:端口/数据库。",
            "DATABASE_URL is not well formed; it must look like postgresql://user:password@host:port/database.",
        )
    try:
        urlsplit(url).port  # noqa: B018 - raises ValueError when it is no number, which libpq only notices later
        psycopg2.extensions.parse_dsn(url)
    except (psycopg2.ProgrammingError, ValueError):
        raise RefusedError(
            "DATABASE_URL 的格式不正确，密码中的特殊字符请写成 %XX。",
            "DATABASE_URL is not well formed; write special characters of the password as %XX.",
        ) from None
    try:
        return psycopg2.connect(url, connect_timeout=CONNECT_SECONDS, application_name="launcher")
    except psycopg2.OperationalError as error:
        reason = " ".join(str(error).split())[:300].rstrip(".?")
        raise RefusedError(
            f"无法连接 DATABASE_URL 指向的数据库：{reason}。",
            f"The database of DATABASE_URL cannot be reached: {reason}.",
        ) from None


def broker(url: str) -> None:
    try:
        with redis.Redis.from_url(
            url, socket_connect_timeout=CONNECT_SECONDS, socket_timeout=CONNECT_SECONDS
        ) as client:
            client.ping()
    except ValueError:
        raise RefusedError(
            "REDIS_URL 的格式不正确，应以 redis://、rediss:// 或 unix:// 开头。",
            "REDIS_URL is not well formed; it must begin with redis://, rediss:// or unix://.",
        ) from None
    except redis.RedisError as error:
        raise RefusedError(
            f"无法连接 REDIS_URL 指向的消息服务：{error}。",
            f"The broker of REDIS_URL cannot be reached: {error}.",
        ) from None
