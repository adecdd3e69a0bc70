"""The Chinese catalogues: every English text of the product has exactly one entry in one of the rooms of `locale/`.

gettext's own programs are not needed: Babel reads, checks and compiles.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.utils.translation.template import templatize

LANGUAGE = "zh_Hans"
CODE_FOLDERS = (
    "portal",
    "residents",
    "privacy",
    "rentals",
    "employers",
    "familyplanning",
    "education",
    "casework",
)
KEYWORDS = dict.fromkeys(
    [
        "_",
        "gettext",
        "gettext_lazy",
        "gettext_noop",
        "ngettext",
        "ngettext_lazy",
        "pgettext",
        "pgettext_lazy",
        "npgettext",
    ]
)
Key = tuple[str, str]  # context and English text


@dataclass(slots=True)
class Findings:
    """`missing` and `unused` say where; `double` names both rooms."""

    missing: dict[Key, str] = field(default_factory=dict)
    unused: dict[Key, str] = field(default_factory=dict)
    double: dict[Key, str] = field(default_factory=dict)
    plurals: dict[Key, str] = field(default_factory=dict)

    @property
    def clean(self) -> bool:
        return not (self.missing or self.unused or self.double)


def texts_in_code(root: Path) -> dict[Key, tuple[str, str]]:
    """Every marked text with where it stands first and its plural (or "")."""
    found: dict[Key, tuple[str, str]] = {}
    for path, source in _sources(root):
        for line, keyword, message, _comments in extract_python(
            BytesIO(source.encode()), KEYWORDS, [], {"encoding": "utf-8"}
        ):
            parts = [str(part) for part in (message if isinstance(message, tuple | list) else (message,)) if part]
            if not parts:
                continue
            context = parts.pop(0) if str(keyword).startswith(("pgettext", "npgettext")) else ""
            plural = parts[1] if "ngettext" in str(keyword) and len(parts) > 1 else ""
            found.setdefault((context, parts[0]), (f"{path.relative_to(root)}:{line}", plural))
    return found


def _sources(root: Path) -> Iterator[tuple[Path, str]]:
    for folder in CODE_FOLDERS:
        for path in sorted((root / folder).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path, path.read_text(encoding="utf-8")
    for path in sorted((root / "templates").rglob("*")):
        if path.suffix in {".html", ".txt", ".svg"}:
            text = templatize(path.read_text(encoding="utf-8"), origin=str(path))
            yield path, "\n".join(line.strip() for line in text.splitlines())


def catalogues(root: Path) -> dict[str, Catalog]:
    """Room name → catalogue."""
    found = {}
    for path in sorted((root / "locale").glob(f"*/{LANGUAGE}/LC_MESSAGES/django.po")):
        with path.open("rb") as file:
            found[path.parts[-4]] = read_po(file, locale=LANGUAGE)
    return found


def check(root: Path) -> Findings:
    """What is missing, translated twice or no longer used. An empty or fuzzy translation counts as missing."""
    findings = Findings()
    used = texts_in_code(root)
    rooms: dict[Key, str] = {}
    for room, catalogue in catalogues(root).items():
        for message in catalogue:
            if not message.id:
                continue
            text = message.id[0] if isinstance(message.id, tuple | list) else message.id
            key = (message.context or "", text)
            if key in rooms:
                findings.double[key] = f"{rooms[key]} and {room}"
            strings = message.string if isinstance(message.string, tuple | list) else (message.string,)
            if all(strings) and not message.fuzzy:
                rooms[key] = room
            if key not in used:
                findings.unused[key] = room
    for key, (place, plural) in used.items():
        if key not in rooms:
            findings.missing[key] = place
            if plural:
                findings.plurals[key] = plural
    return findings


def compile_all(root: Path) -> int:
    """Write a .mo beside every .po; returns how many had changed."""
    written = 0
    for path in sorted((root / "locale").glob(f"*/{LANGUAGE}/LC_MESSAGES/django.po")):
        with path.open("rb") as file:
            catalogue = read_po(file, locale=LANGUAGE)
        buffer = BytesIO()
        write_mo(buffer, catalogue)
        target = path.with_suffix(".mo")
        if not target.exists() or target.read_bytes() != buffer.getvalue():
            target.write_bytes(buffer.getvalue())
            written += 1
    return written


def stub(key: Key, plural: str = "") -> str:
    """An empty entry to fill in."""
    context, text = key
    lines = [f"msgctxt {_quoted(context)}"] if context else []
    lines.append(f"msgid {_quoted(text)}")
    lines += [f"msgid_plural {_quoted(plural)}", 'msgstr[0] ""'] if plural else ['msgstr ""']
    return "\n".join(lines)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
