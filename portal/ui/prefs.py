"""What a member of staff chose about the look of the pages. Lives in a cookie, and on the account."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields

COOKIE = "ui"
CHOICES: dict[str, tuple[str, ...]] = {
    "theme": ("light", "dark"),
    "density": ("default", "compact", "comfort"),
    "text": ("normal", "large"),
    "language": ("zh-hans", "en"),
    "keys": ("on", "off"),
}


@dataclass(frozen=True, slots=True)
class Preferences:
    theme: str = "light"
    density: str = "default"
    text: str = "normal"
    language: str = "zh-hans"
    keys: str = "on"

    @classmethod
    def of(cls, values: Mapping[str, object]) -> "Preferences":
        """Unknown names and values are dropped: the cookie is in the reader's hands."""
        known = {name: str(values[name]) for name, allowed in CHOICES.items() if values.get(name) in allowed}
        return cls(**known)

    @classmethod
    def from_cookie(cls, text: str) -> "Preferences":
        return cls.of(dict(part.split(":", 1) for part in text.split("|") if ":" in part))

    def to_cookie(self) -> str:
        return "|".join(f"{field.name}:{getattr(self, field.name)}" for field in fields(self))

    def as_dict(self) -> dict[str, str]:
        return asdict(self)

    def with_(self, **changes: str) -> "Preferences":
        return Preferences.of(self.as_dict() | changes)
