"""Children do not register alone (Zhejiang art. 7, Z2)."""

from collections.abc import Sequence
from datetime import date

from django.utils.translation import gettext as _

from portal.core.errors import DomainError
from portal.policy.services import rule

NOT_RELATED = "99"


def age_on(born: date, day: date) -> int:
    """Full years; somebody born on 29 February has the birthday on 1 March of common years (Civil Code practice)."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def require_guardian(*, head_born: date, companions: Sequence[tuple[str, date]], explanation: str, on: date) -> None:
    """`companions` are pairs of relation code and birth date. A child as first person needs a related adult in the
    household, a child that came along needs to be related to the first person; a written explanation replaces both.

    Raises DomainError(code="guardian_needed", field="remark").
    """
    limit = int(rule("registration.guardian_below_age", on=on).value)

    def is_child(born: date) -> bool:
        return age_on(born, on) < limit

    related_adult = any(relation != NOT_RELATED and not is_child(born) for relation, born in companions)
    unrelated_child = any(relation == NOT_RELATED and is_child(born) for relation, born in companions)
    alone = is_child(head_born) and not related_adult
    if (alone or unrelated_child) and not explanation.strip():
        message = _("Children under %(age)s are registered by a guardian. Add the guardian, or explain in the remark.")
        raise DomainError(message % {"age": limit}, field="remark", code="guardian_needed")
