"""What somebody is to the new head of a household, concluded from what both were to the old one (GB/T 4761).

A proposal, never a decision: the clerk is asked for each. What does not follow for certain is marked so.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from residents.choices import Sex
from residents.models import HEAD

RELATIVE, STRANGER = "97", "99"


class Tie(StrEnum):
    SELF = "self"
    SPOUSE = "spouse"
    CHILD = "child"
    CHILD_IN_LAW = "child in law"
    GRANDCHILD = "grandchild"
    PARENT = "parent"
    PARENT_IN_LAW = "parent in law"
    GRANDPARENT = "grandparent"
    SIBLING = "sibling"
    RELATIVE = "relative"
    STRANGER = "stranger"


TIES = {
    HEAD: Tie.SELF,
    **dict.fromkeys(("10", "11", "12"), Tie.SPOUSE),
    **dict.fromkeys(("20", "30"), Tie.CHILD),
    **dict.fromkeys(("28", "38"), Tie.CHILD_IN_LAW),
    **dict.fromkeys(("41", "42", "43", "44"), Tie.GRANDCHILD),
    **dict.fromkeys(("51", "52"), Tie.PARENT),
    **dict.fromkeys(("53", "54", "55", "56"), Tie.PARENT_IN_LAW),
    **dict.fromkeys(("61", "62", "63", "64"), Tie.GRANDPARENT),
    **dict.fromkeys(("71", "73", "75", "77"), Tie.SIBLING),
    STRANGER: Tie.STRANGER,
}
CERTAIN = {
    Tie.SPOUSE: {
        Tie.SELF: Tie.SPOUSE,
        Tie.CHILD: Tie.CHILD,
        Tie.CHILD_IN_LAW: Tie.CHILD_IN_LAW,
        Tie.GRANDCHILD: Tie.GRANDCHILD,
        Tie.PARENT: Tie.PARENT_IN_LAW,
        Tie.PARENT_IN_LAW: Tie.PARENT,
    },
    Tie.CHILD: {
        Tie.SELF: Tie.PARENT,
        Tie.SPOUSE: Tie.PARENT,
        Tie.CHILD: Tie.SIBLING,
        Tie.PARENT: Tie.GRANDPARENT,
        Tie.PARENT_IN_LAW: Tie.GRANDPARENT,
    },
    Tie.CHILD_IN_LAW: {Tie.SELF: Tie.PARENT_IN_LAW, Tie.SPOUSE: Tie.PARENT_IN_LAW},
    Tie.GRANDCHILD: {Tie.SELF: Tie.GRANDPARENT, Tie.SPOUSE: Tie.GRANDPARENT},
    Tie.PARENT: {
        Tie.SELF: Tie.CHILD,
        Tie.SPOUSE: Tie.CHILD_IN_LAW,
        Tie.CHILD: Tie.GRANDCHILD,
        Tie.PARENT: Tie.SPOUSE,
    },
    Tie.PARENT_IN_LAW: {
        Tie.SELF: Tie.CHILD_IN_LAW,
        Tie.SPOUSE: Tie.CHILD,
        Tie.CHILD: Tie.GRANDCHILD,
        Tie.PARENT_IN_LAW: Tie.SPOUSE,
    },
    Tie.GRANDPARENT: {Tie.SELF: Tie.GRANDCHILD, Tie.SIBLING: Tie.GRANDCHILD},
    Tie.SIBLING: {
        Tie.SELF: Tie.SIBLING,
        Tie.PARENT: Tie.PARENT,
        Tie.SIBLING: Tie.SIBLING,
        Tie.GRANDPARENT: Tie.GRANDPARENT,
    },
}
"""[the new head's tie to the old one][the other's tie to the old one] → the other's tie to the new head."""
LIKELY = {
    Tie.CHILD: {Tie.CHILD_IN_LAW: Tie.SPOUSE, Tie.GRANDCHILD: Tie.CHILD},
    Tie.CHILD_IN_LAW: {Tie.CHILD: Tie.SPOUSE, Tie.GRANDCHILD: Tie.CHILD},
    Tie.GRANDCHILD: {Tie.CHILD: Tie.PARENT, Tie.CHILD_IN_LAW: Tie.PARENT, Tie.GRANDCHILD: Tie.SIBLING},
    Tie.PARENT: {Tie.SIBLING: Tie.CHILD},
    Tie.GRANDPARENT: {Tie.PARENT: Tie.CHILD, Tie.GRANDPARENT: Tie.SPOUSE},
}
"""True in most homes; a spouse is proposed only to the other sex."""
BY_SEX = {
    Tie.SPOUSE: ("11", "12"),
    Tie.CHILD: ("20", "30"),
    Tie.CHILD_IN_LAW: ("28", "38"),
    Tie.PARENT: ("51", "52"),
}
KEPT = frozenset({Tie.CHILD, Tie.CHILD_IN_LAW, Tie.GRANDCHILD, Tie.PARENT, Tie.GRANDPARENT})


@dataclass(frozen=True, slots=True)
class Kin:
    """`relation` as it stands in the book before the change; the old head's is 户主."""

    relation: str
    sex: str
    born: date

    @property
    def tie(self) -> Tie:
        return TIES.get(self.relation, Tie.RELATIVE)


@dataclass(frozen=True, slots=True)
class Proposal:
    """`certain` is False where the clerk has to look twice."""

    code: str
    certain: bool


def propose(*, head: Kin, other: Kin, old_head: Kin) -> Proposal:
    """What `other` is to `head`, the new one."""
    if Tie.STRANGER in {head.tie, other.tie}:
        return Proposal(STRANGER, certain=Tie.SELF in {head.tie, other.tie})
    if head.tie == Tie.SELF:
        return Proposal(other.relation, certain=True)
    tie = CERTAIN.get(head.tie, {}).get(other.tie)
    certain = tie is not None
    tie = tie or LIKELY.get(head.tie, {}).get(other.tie, Tie.RELATIVE)
    if tie == Tie.SPOUSE and head.sex == other.sex:
        return Proposal(RELATIVE, certain=False)
    return Proposal(_code(tie, head, other, old_head), certain=certain)


def _code(tie: Tie, head: Kin, other: Kin, old_head: Kin) -> str:
    """The entry of GB/T 4761 for the tie, sex, age and side of the family."""
    if tie == other.tie and tie in KEPT:
        return other.relation
    man = other.sex == Sex.MALE
    if tie in BY_SEX:
        return BY_SEX[tie][0 if man else 1]
    if tie == Tie.SIBLING:
        elder, younger = ("71", "73") if man else ("75", "77")
        return elder if other.born < head.born else younger
    if tie == Tie.PARENT_IN_LAW:
        father, mother = ("55", "56") if head.sex == Sex.MALE else ("53", "54")
        return father if man else mother
    if tie in (Tie.GRANDPARENT, Tie.GRANDCHILD):
        return _two_generations(tie, other, man=man, through_son=old_head.sex == Sex.MALE)
    return RELATIVE


def _two_generations(tie: Tie, other: Kin, *, man: bool, through_son: bool) -> str:
    """The old head stands between the two; a parent of the old head's spouse is on the other side."""
    paternal = through_son != (other.tie == Tie.PARENT_IN_LAW)
    if tie == Tie.GRANDPARENT:
        return ("61" if man else "62") if paternal else ("63" if man else "64")
    return ("41" if man else "42") if paternal else ("43" if man else "44")
