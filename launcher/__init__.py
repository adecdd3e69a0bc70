"""Starts the whole product on one machine: checks, embedded servers, migrations, web, worker and beat.

Everything up to `bootstrap` runs on the standard library alone, because it runs before any package is installed.
"""
