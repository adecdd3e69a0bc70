"""`make prove`, `make prove ONLY=H6,H7`. Needs DATABASE_PRODUCT_URL (the product's role) and DATABASE_OWNER_URL."""

import os
import subprocess
import sys

from prove import county
from prove.setup import product


def main() -> int:
    """Every figure runs in a process of its own, as the product's role: one that dies cannot take the others along."""
    os.environ["DATABASE_URL"] = os.environ.get("DATABASE_PRODUCT_URL") or os.environ["DATABASE_URL"]
    product()
    from prove.figure import known  # noqa: PLC0415 - models exist only after setup

    codes = list(known())
    chosen = [code for code in os.environ.get("ONLY", "").split(",") if code] or codes
    unknown = set(chosen) - set(codes)
    if unknown:
        print(f"ONLY={','.join(sorted(unknown))}: there is {', '.join(codes)}", file=sys.stderr)
        return 2
    county.prepare()
    short = 0
    for code in chosen:
        done = subprocess.run([sys.executable, "-m", "prove.one", code], check=False)
        short += bool(done.returncode)
    print(f"{len(chosen) - short} passed, {short} failed")
    return 1 if short else 0


if __name__ == "__main__":
    sys.exit(main())
