"""Words for the register's codes. `{% load register %}`"""

import re
from datetime import date
from typing import Any

from django import template
from django.db.models import Model
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from portal.core import clock
from portal.org.models import User
from portal.policy import codes
from portal.vault.projection import Projection, project
from residents.choices import RegistrationStatus, Sex
from residents.models import Person
from residents.services.projection import PersonView, person_view

register = template.Library()

STATUS_TONES = {RegistrationStatus.ACTIVE: "ok", RegistrationStatus.LEFT: "", RegistrationStatus.VOID: "bad"}


@register.filter
def seen_by(row: Model, viewer: User) -> Projection:
    """The fields of a row as `viewer` may see them: `{% with who=person|seen_by:request.user %}{{ who.name }}`."""
    return project(row, viewer=viewer)


@register.filter
def person_seen_by(person: Person, viewer: User) -> PersonView:
    return person_view(person, viewer=viewer)


@register.filter
def sex_name(code: str) -> str:
    return str(Sex(code).label) if code in Sex.values else ""


@register.filter
def age_of(born: date) -> int:
    today = clock.today()
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


@register.filter
def age_text(age: int | None) -> str:
    return "" if age is None else _("%(age)s years old") % {"age": age}


@register.filter
def code_label(code: str, table: str) -> str:
    return codes.label(table, code) if code else ""


@register.filter
def status_badge(status: str) -> SafeString:
    """In residence, departed, undone; nothing for an unknown word."""
    if status not in RegistrationStatus.values:
        return SafeString("")
    known = RegistrationStatus(status)
    return format_html('<span class="bdg {}">{}</span>', STATUS_TONES[known], known.label)


@register.filter
def marked(address: str, typed: str) -> SafeString:
    """Marks the characters of `address` that were typed: whole words of Chinese, and every number."""
    words = [re.escape(word) for word in re.findall(r"[\u3400-\u9fff]+|\d+", typed)]
    if not words:
        return conditional_escape(address)
    parts = re.split(f"({'|'.join(words)})", address)
    drawn: list[Any] = [
        format_html("<mark>{}</mark>", part) if at % 2 else conditional_escape(part) for at, part in enumerate(parts)
    ]
    return format_html_join("", "{}", ((part,) for part in drawn))
