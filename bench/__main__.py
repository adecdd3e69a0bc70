"""`make bench`, `make bench ONLY=ledger,search PEOPLE=200000`. Needs DATABASE_URL; fills an empty database itself."""

import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings.dev")
DEFAULT_PEOPLE = 20_000


def main() -> int:
    django.setup()
    from bench import county, dashboard, imports, ledger, letting, rentals, search, walls  # noqa: PLC0415 - models exist only after setup
    from bench.figures import HEAD, Report  # noqa: PLC0415

    suites = {
        "ledger": ledger.run,
        "search": search.run,
        "dashboard": dashboard.run,
        "walls": walls.run,
        "imports": imports.run,
        "rentals": rentals.run,
        "letting": letting.run,
    }
    chosen = [name for name in os.environ.get("ONLY", "").split(",") if name] or list(suites)
    unknown = set(chosen) - set(suites)
    if unknown:
        print(f"ONLY={','.join(sorted(unknown))}: there is {', '.join(suites)}", file=sys.stderr)
        return 2
    people = int(os.environ.get("PEOPLE") or DEFAULT_PEOPLE)
    county.prepare(people)
    report = Report(people)
    print(HEAD)
    for name in chosen:
        suites[name](report)
    path = report.save("-".join(chosen) if len(chosen) < len(suites) else "all")
    print(f"written to {path.relative_to(path.parents[2])}")
    return 1 if report.is_short else 0


if __name__ == "__main__":
    sys.exit(main())
