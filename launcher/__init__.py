"""Starts the whole product on one machine: checks, embedded servers, migrations, web, worker and beat.

Everything up to `bootstrap` runs on the standard library alone, because it runs before any package is installed.
This file must stay readable for older Pythons, or they would show a syntax error instead of the sentence below.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - the other files already need 3.11 to be read at all
    sys.exit("无法继续：需要 Python 3.11 或更新版本。\nCannot go on: Python 3.11 or newer is needed.")
