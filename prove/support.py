"""Connections for figures that look from outside the product."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import environ
import psycopg2
from django.db import connection as product


@contextmanager
def connected(role: str = "app_rw") -> Iterator[Any]:
    """A raw autocommit connection: `app_rw` is the product's role, `app_owner` owns the tables."""
    variable = "DATABASE_OWNER_URL" if role == "app_owner" else "DATABASE_URL"
    told = environ.Env.db_url_config(os.environ[variable])
    connection = psycopg2.connect(
        dbname=told["NAME"],
        user=told["USER"],
        password=told["PASSWORD"],
        host=told["HOST"] or told.get("OPTIONS", {}).get("host"),
        port=told["PORT"] or None,
    )
    connection.autocommit = True
    try:
        yield connection
    finally:
        connection.close()


@contextmanager
def as_owner() -> Iterator[None]:
    """Inside, the product's own connection is the owner's: what an administrator of the database could do."""
    told = environ.Env.db_url_config(os.environ["DATABASE_OWNER_URL"])
    before = {key: product.settings_dict[key] for key in ("USER", "PASSWORD", "HOST", "PORT")}
    product.close()
    product.settings_dict.update({key: told[key] for key in before})
    try:
        yield
    finally:
        product.close()
        product.settings_dict.update(before)
