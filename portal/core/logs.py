"""What the product writes about itself: one line an event, JSON in production, never a value from the register.

Whoever logs needs no care: numbers that look like those of a person are cut out here, Chinese text (names, addresses)
as well, messages of exceptions are dropped where they may quote a row, and no text can start a line of its own.
"""

import json
import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog

from portal.core import counters

Event = MutableMapping[str, Any]
CUT = "[cut]"
LONGEST = 500
NUMBER = re.compile(r"(?<!\d)(?:\d{14,}[Xx]?|1[3-9]\d{9}|0\d{2,3}-?\d{7,8}|[A-Z]{1,2}\d{7,9})(?!\d)")
MACHINE_KEY = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?<![0-9a-f])[0-9a-f]{32,}(?![0-9a-f])"
KEY_OR_NUMBER = re.compile(f"({MACHINE_KEY})|{NUMBER.pattern}")
CHINESE = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]+")
CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")
SECRET = re.compile(
    r"passw|secret|token|cookie|session|authoriz|credential|phone|mobile|document|id_number|name$|address_text|query",
    re.I,
)
OURS = frozenset({"at", "level", "request_id", "exception"})
# Their messages speak of code; those of every other exception may quote what somebody typed or a row of the database.
PLAIN_ERRORS = (AttributeError, ImportError, NameError, NotImplementedError, RecursionError, SystemExit)
AUDITED = {
    "accounts.login": "login",
    "accounts.logout": "logout",
    "accounts.login_failed": "login_failed",
    "accounts.locked_out": "locked_out",
    "reveal": "reveal",
    "export": "export",
}
GRANTS = ("grant", "group_", "delegation", "account_", "area_right")
CONFIGURATION = ("rule_", "calendar_", "code_", "department_", "area_", "config")


def cut(text: str) -> str:
    """The text without numbers of persons, without Chinese, on one line, at most 500 characters."""
    text = CONTROL.sub(" ", text)
    return CHINESE.sub("…", KEY_OR_NUMBER.sub(lambda found: found[1] or CUT, text))[:LONGEST]


def redact(_logger: Any, _method: str, event: Event) -> Event:
    """The processor before the last: keys that name a secret lose their value, all other texts are cut."""
    for key, value in event.items():
        if key not in OURS:
            event[key] = CUT if SECRET.search(key) else _clean(value)
    return event


def _clean(value: Any) -> Any:
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, int):
        return value if NUMBER.search(str(value)) is None else CUT
    if isinstance(value, Mapping):
        return {cut(str(key)): CUT if SECRET.search(str(key)) else _clean(one) for key, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_clean(one) for one in list(value)[:20]]
    return cut(str(value))


def told_exception(_logger: Any, _method: str, event: Event) -> Event:
    """`exc_info` becomes the types of the chain and the places in code; no local value, mostly no message."""
    info = event.pop("exc_info", None)
    info = sys.exc_info() if info is True else info
    error = info[1] if isinstance(info, tuple) else info if isinstance(info, BaseException) else None
    if error is not None:
        event["exception"] = [told for one in _chain(error) for told in _frames(one)]
    event.pop("stack_info", None)
    return event


def _chain(error: BaseException) -> list[BaseException]:
    chain: list[BaseException] = []
    following: BaseException | None = error
    while following is not None and following not in chain and len(chain) < 5:  # noqa: PLR2004
        chain.append(following)
        following = following.__cause__ or following.__context__
    return chain


def _frames(error: BaseException) -> list[str]:
    message = f": {cut(str(error))}" if isinstance(error, PLAIN_ERRORS) else ""
    places, trace = [], error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        places.append(f"{code.co_filename.rpartition('/site-packages/')[2]}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return [f"{type(error).__module__}.{type(error).__qualname__}{message}", *places[-25:]]


def as_json(_logger: Any, _method: str, event: Event) -> str:
    return json.dumps(event, ensure_ascii=True, default=str)


def as_line(_logger: Any, _method: str, event: Event) -> str:
    """For people at a terminal: time, level, logger, words, then what is known beside them."""
    head = [str(event.pop(key, "")) for key in ("at", "level", "logger", "event")]
    frames = event.pop("exception", [])
    rest = " ".join(f"{key}={value}" for key, value in event.items() if not key.startswith("_"))
    line = f"{head[0][11:23]} {head[1].upper():<7} {head[2]} {head[3]}  {rest}".rstrip()
    return "\n    ".join([line, *frames])


SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
]
structlog.configure(
    processors=[structlog.stdlib.filter_by_level, *SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
    logger_factory=structlog.stdlib.LoggerFactory(),
    wrapper_class=structlog.stdlib.BoundLogger,
    cache_logger_on_first_use=True,
)


def formatter(form: str = "line") -> logging.Formatter:
    """For LOGGING: every logger of every library writes through it. `form` is "json" or "line"."""
    drawn = as_json if form == "json" else as_line
    clean = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=SHARED, processors=[clean, told_exception, redact, drawn], pass_foreign_args=False
    )


def event(name: str, **about: Any) -> None:
    """One record of something that matters for security (ASVS 16.2–16.3), and its counter when there is one.

    Time, request, actor and address are added from the request; `about` holds ids and states, never values.
    """
    if name in counters.EVENTS:
        counters.add(f"event:{name}")
    structlog.get_logger("anju.security").info(name, **about)


def audited(action: str, **about: Any) -> None:
    """The record for a row of the audit or access log."""
    name = AUDITED.get(action) or _family(action.rpartition(".")[2])
    event(name, action=action, **about)


def _family(action: str) -> str:
    if action.startswith(GRANTS):
        return "grant_change"
    return "config_change" if action.startswith(CONFIGURATION) else "done"
