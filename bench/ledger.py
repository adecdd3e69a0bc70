"""L1 of the whole county: our writer beside plain openpyxl on the same rows, memory, and the file read back."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench.figures import Figure, Report, middle

RUNS = 3


def run(report: Report) -> None:
    with tempfile.TemporaryDirectory() as folder:
        measure(report, Path(folder))


def measure(report: Report, folder: Path) -> None:
    """Runs are taken in turn: ours, peer, ours, ours; the slow peer is run once."""
    file = folder / "ours.xlsx"
    mine = [child("ours", file)]
    peer = child("openpyxl", folder / "peer.xlsx")
    mine += [child("ours", file) for _run in range(RUNS - 1)]
    raw = [child("copy", folder / "raw.csv") for _run in range(RUNS)]
    text = child("csv", folder / "ours.csv")
    ours, openpyxl, copy = speed(mine), speed([peer]), speed(raw)
    report.add(Figure("ledger L1 rows", mine[0]["result"], "rows"))
    report.add(Figure("ledger L1 openpyxl write-only", openpyxl, "rows/s"))
    report.add(Figure("ledger L1 xlsx (to openpyxl write-only)", ours, "rows/s", ours / openpyxl, ">= 8"))
    report.add(Figure("ledger L1 COPY CSV, encrypted values", copy, "rows/s"))
    report.add(Figure("ledger L1 xlsx (to COPY CSV)", ours, "rows/s", ours / copy, ">= 0.2"))
    report.add(Figure("ledger L1 csv (to openpyxl write-only)", speed([text]), "rows/s", speed([text]) / openpyxl))
    report.add(Figure("ledger L1 xlsx peak memory", max(one["peak_mb"] for one in mine), "MB", None, "<= 150"))
    report.add(Figure("ledger L1 openpyxl peak memory", peer["peak_mb"], "MB"))
    report.add(Figure("ledger L1 xlsx file size", file.stat().st_size / 1e6, "MB"))
    wrong = child("compare", file)["result"]
    report.add(Figure("ledger L1 rows that differ when read back", wrong, "rows", None, "<= 0"))


def speed(runs: list[dict[str, Any]]) -> float:
    return middle([one["result"] / one["seconds"] for one in runs])


def child(what: str, path: Path) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "bench.ledger_child", what, str(path)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(done.stderr)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found
