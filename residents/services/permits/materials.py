"""Which papers a file needs (decree 663 art. 9, R3, R4, R10) and which of them are missing."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from portal.core import clock
from portal.core.errors import DomainError
from residents.choices import ApplicationKind, Ground, ProofKind
from residents.models import PermitApplication, PermitMaterial

PROOFS: dict[str, tuple[ProofKind, ...]] = {
    Ground.JOB: (ProofKind.LABOUR_CONTRACT, ProofKind.BUSINESS_LICENCE, ProofKind.EMPLOYER_CERTIFICATE),
    Ground.DWELLING: (ProofKind.LEASE, ProofKind.TITLE, ProofKind.PURCHASE, ProofKind.LODGING),
    Ground.SCHOOLING: (ProofKind.STUDENT_CARD, ProofKind.SCHOOL_CERTIFICATE),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the check list: any paper of `kinds` satisfies it."""

    kinds: tuple[ProofKind, ...]
    handed_in: tuple[ProofKind, ...]

    @property
    def received(self) -> bool:
        return bool(self.handed_in)

    @property
    def label(self) -> str:
        """The papers handed in, or what would do."""
        names = words(self.handed_in or self.kinds)
        return names if self.handed_in or len(self.kinds) == 1 else _("one of: %(papers)s") % {"papers": names}


def needed(*, kind: str, ground: str, by_agent: bool) -> list[tuple[ProofKind, ...]]:
    """Groups of papers, one paper of each group. A lost card needs no proof of the ground again."""
    groups: list[tuple[ProofKind, ...]] = [(ProofKind.ID_CARD,), (ProofKind.PHOTO,)]
    if kind == ApplicationKind.FIRST:
        groups.append(PROOFS[ground])
    if kind == ApplicationKind.DAMAGED:
        groups.append((ProofKind.OLD_CARD,))
    if by_agent:
        groups.append((ProofKind.GUARDIAN_ID,))
    return groups


def check_list(application: PermitApplication) -> list[Line]:
    """Reads `application.materials`: prefetch it for lists."""
    have = {material.kind for material in application.materials.all() if material.received_on}
    groups = needed(kind=application.kind, ground=application.ground, by_agent=bool(application.applicant_relation))
    return [Line(group, tuple(kind for kind in group if kind in have)) for group in groups]


def missing(groups: Iterable[tuple[ProofKind, ...]], papers: Collection[str]) -> list[ProofKind]:
    """Every paper of every unsatisfied group: the notice names them all at once (R5)."""
    return [kind for group in groups if not any(one in papers for one in group) for kind in group]


def receive(application: PermitApplication, papers: Collection[str]) -> None:
    """Write the check list down: what is needed and what has been handed in."""
    today = clock.today()
    groups = needed(kind=application.kind, ground=application.ground, by_agent=bool(application.applicant_relation))
    for group in groups:
        for kind in group:
            handed_in = kind in papers
            if len(group) > 1 and not handed_in:
                continue
            material, _created = PermitMaterial.objects.get_or_create(
                application=application, kind=kind, defaults={"required": len(group) == 1}
            )
            if handed_in and material.received_on is None:
                material.received_on = today
                material.save(update_fields=["received_on"])


def require_known(papers: Collection[str]) -> None:
    if not set(papers) <= set(ProofKind.values):
        raise DomainError(_("This kind of paper is not on the list of decree 663."), field="papers")


def words(kinds: Iterable[str]) -> str:
    return "、".join(str(ProofKind(kind).label) for kind in kinds)
