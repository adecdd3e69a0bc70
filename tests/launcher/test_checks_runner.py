"""`make test` reports honestly and explains what it lacks."""

import sys

import pytest

from launcher import browser, ci
from launcher.ci import Result, Step
from launcher.say import RefusedError


def test_a_missing_browser_without_the_right_to_install_is_explained(monkeypatch):
    monkeypatch.setattr(browser, "chromium", lambda: None)
    monkeypatch.setattr(browser, "administrator", lambda: None)
    with pytest.raises(RefusedError, match="apt-get install -y chromium fonts-noto-cjk") as caught:
        browser.ensure()
    assert "apt-get install -y chromium fonts-noto-cjk" in caught.value.zh


def test_the_closing_line_of_pytest_is_repeated_at_the_very_end(capsys):
    line = "===== 3 passed, 1 warning in 0.12s ====="
    step = Step("tests", "unit", [sys.executable, "-c", f"print('a line'); print('{line}')"])
    assert ci.summary([ci.run(step, {}), Result(Step("e2e", "browser", []), True, 1.0, "")], 2) == 0
    assert capsys.readouterr().out.splitlines()[-1] == line


def test_one_failed_step_fails_the_whole(capsys):
    bad = ci.run(Step("lint", "style", [sys.executable, "-c", "raise SystemExit(3)"]), {})
    good = ci.run(Step("types", "types", [sys.executable, "-c", ""]), {})
    assert ci.summary([bad, good], 1) == 1
    assert "FAILED" in capsys.readouterr().out


def test_a_check_that_does_not_exist_is_named():
    with pytest.raises(RefusedError, match="no check called typos"):
        ci.chosen(["typos"], "")


def test_arguments_for_pytest_replace_the_steps():
    assert [step.command[3:] for step in ci.chosen([], "tests/x -k 'a b'")] == [["tests/x", "-k", "a b"]]


def test_every_folder_of_tests_is_run():
    commands = [" ".join(step.command) for step in ci.steps() if "pytest" in step.command]
    assert [part for part in ci.SEPARATE if f"--ignore={part}" not in commands[0]] == []
    assert [command.split()[3] for command in commands] == ["tests", "tests/e2e", "tests/launcher"]
