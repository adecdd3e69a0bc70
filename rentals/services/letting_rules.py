"""What may not be let for living. Each rule is a policy row with its basis, which the refusal names."""

from collections.abc import Collection

from django.utils.translation import gettext as _

from portal.core.errors import DomainError
from portal.policy import codes
from portal.policy.services import rule
from rentals.choices import HOME, REFUSED, Letting
from residents.services.code_fields import require_code

LISTED = "、"


def check_use(planned_use: str, *, area_code: str) -> None:
    """Row 74: a building that was not approved for living is not let for living (车棚车库、商业、工业 …)."""
    require_code("house_use", planned_use, field="planned_use")
    homes_only = rule("rental.homes_only", area_code=area_code)
    if homes_only.value and codes.bucket("house_use", planned_use) != HOME:
        raise DomainError(
            _("%(use)s: not approved for living, so it must not be let as a home (%(basis)s).")
            % {"use": codes.label("house_use", planned_use), "basis": homes_only.basis},
            field="planned_use",
            code="no_home",
        )


def check_spaces(letting: str, spaces: Collection[str], *, area_code: str) -> list[str]:
    """HL2: kitchens, bathrooms, balconies, corridors, underground storerooms and garages are not let by themselves.

    Gives the kinds in the order of the table; none where the dwelling is let as a whole.
    """
    if letting not in Letting.values:
        raise DomainError(_("Please choose how the dwelling is let."), field="letting")
    if letting == Letting.WHOLE:
        return []
    known = codes.items("letting_space")
    if not spaces or not set(spaces) <= set(known):
        raise DomainError(_("Please tick which kinds of rooms are let."), field="spaces")
    unfit = rule("rental.refuse_unfit_spaces", area_code=area_code)
    chosen = [code for code in known if code in spaces]
    refused = [code for code in chosen if unfit.value and codes.bucket("letting_space", code) == REFUSED]
    if refused:
        raise DomainError(
            _("%(spaces)s must not be let separately for living (%(basis)s).")
            % {"spaces": LISTED.join(codes.label("letting_space", code) for code in refused), "basis": unfit.basis},
            field="spaces",
            code="unfit_space",
        )
    return chosen


def check_safety(*, danger_grade: str, self_built: bool, appraisal_number: str, area_code: str) -> None:
    """HL6: a dangerous house is not let; one self-built without a permit only after a safety appraisal.

    `danger_grade` is a code of `danger_grade`, or "" where nobody had the house appraised.
    """
    if danger_grade:
        require_code("danger_grade", danger_grade, field="danger_grade")
    dangerous = rule("rental.refuse_dangerous", area_code=area_code)
    if dangerous.value and codes.bucket("danger_grade", danger_grade) == REFUSED:
        raise DomainError(
            _("A house of grade %(grade)s must not be let (%(basis)s).")
            % {"grade": codes.label("danger_grade", danger_grade), "basis": dangerous.basis},
            field="danger_grade",
            code="dangerous",
        )
    appraisal = rule("rental.self_built_appraisal", area_code=area_code)
    if appraisal.value and self_built and not (appraisal_number.strip() and danger_grade):
        raise DomainError(
            _("Self-built without a permit: let only after a safety appraisal. Enter its number and grade (%(basis)s).")
            % {"basis": appraisal.basis},
            field="appraisal_number" if not appraisal_number.strip() else "danger_grade",
            code="no_appraisal",
        )
