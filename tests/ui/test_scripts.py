"""The pure functions of the front end, tested by Node's own runner."""

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NODE = ROOT / ".venv" / "bin" / "node"


@pytest.mark.parametrize("script", sorted((ROOT / "ui" / "js").glob("*.test.mjs")), ids=lambda path: path.name)
def test_scripts(script: Path):
    done = subprocess.run([str(NODE), "--test", str(script)], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
