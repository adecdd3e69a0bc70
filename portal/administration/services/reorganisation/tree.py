"""Which area becomes which, and which rights may go on. Pure arithmetic over codes; nothing here asks the database."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from portal.org.codes import covers, parent_candidates
from portal.org.scoping import Scope

STEP = 3


@dataclass(frozen=True, slots=True)
class Part:
    """`before` becomes `after`; of several with one `before`, `is_rest` takes what nobody assigned."""

    before: str
    after: str
    name: str
    is_rest: bool = True


@dataclass(frozen=True, slots=True)
class Plan:
    """`live` are the codes in use before the change; `ended` are gone and `begun` are new afterwards."""

    parts: tuple[Part, ...]
    live: frozenset[str]
    ended: frozenset[str]
    begun: frozenset[str]
    live_after: frozenset[str]
    below: Mapping[str, list[str]]

    @classmethod
    def over(cls, parts: Iterable[Part], live: Iterable[str]) -> "Plan":
        found, codes = tuple(parts), frozenset(live)
        before, after = {part.before for part in found}, {part.after for part in found}
        ended, begun = frozenset(before - after), frozenset(after - codes)
        live_after = (codes - ended) | begun
        return cls(found, codes, ended, begun, live_after, _below(live_after))

    def is_safe(self, code: str, held: Scope) -> bool:
        """Would a right at `code` show, after the change, only rows that `held` showed before it?"""
        fed = all(part.before in held for part in self.parts if covers(code, part.after))
        return fed and (code not in self.live or code in held)

    def onward(self, grant: str, held: Scope) -> Scope:
        """The areas where a right at `grant` goes on. `held` is all that the same holder may see by the same right.

        A right on an area follows it wherever it goes; one on an area above covers what lies below it afterwards.
        """
        starts: set[str] = set()
        if any(part.before == grant for part in self.parts):
            starts = {part.after for part in self.parts if covers(grant, part.before)}
        if grant not in self.ended:
            starts.add(grant)
        return Scope.over(code for start in starts for code in self._safe_below(start, held))

    def withheld(self, grant: str, onward: Scope) -> list[str]:
        """The new areas that hold something `grant` covered and that it does not reach any more."""
        return sorted({p.after for p in self.parts if covers(grant, p.before) and p.after not in onward})

    def _safe_below(self, code: str, held: Scope) -> Iterator[str]:
        if self.is_safe(code, held):
            yield code
            return
        for child in self.below.get(code, []):
            yield from self._safe_below(child, held)


def _below(codes: Collection[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for code in sorted(codes):
        above = next((one for one in parent_candidates(code) if one in codes), None)
        if above is not None:
            found.setdefault(above, []).append(code)
    return found


def free_code(above: str, taken: Collection[str], *, wish: str = "") -> str:
    """`wish` when nobody has it, else the first number below `above` that was never used.

    Raises LookupError when all 999 are used.
    """
    if wish and wish not in taken:
        return wish
    for number in range(1, 10**STEP):
        code = f"{above}{number:0{STEP}d}"
        if code not in taken:
            return code
    raise LookupError(above)


def carried(before: str, after: str, tree: Mapping[str, str], taken: set[str]) -> list[Part]:
    """What lies below `before` goes along below `after`, keeping its own digits where they are free.

    `tree` is code → name of the areas in use; `taken` grows by the codes given out.
    """
    parts: list[Part] = []
    moved: dict[str, str] = {before: after}
    for code in sorted(code for code in tree if covers(before, code) and code != before):
        above = next(one for one in parent_candidates(code) if one in moved)
        wish = moved[above] + code[len(above) :]
        new = code if wish == code else free_code(moved[above], taken, wish=wish)
        taken.add(new)
        moved[code] = new
        parts.append(Part(code, new, tree[code]))
    return parts


def merged(sources: Iterable[str], into: str, name: str, tree: Mapping[str, str], ever: Collection[str]) -> list[Part]:
    """`into` may be one of the sources. `ever` are all codes ever used: none is used twice."""
    taken = {*ever, into}
    ordered = sorted(sources, key=lambda code: code != into)
    parts = []
    for code in ordered:
        parts += [Part(code, into, name), *carried(code, into, tree, taken)]
    return parts


def recoded(code: str, new: str, name: str, tree: Mapping[str, str], ever: Collection[str]) -> list[Part]:
    """A new name, a new code or both; the areas below go along."""
    taken = {*ever, new}
    return [Part(code, new, name), *carried(code, new, tree, taken)]


def divided(
    code: str,
    targets: list[tuple[str, str]],
    given: Mapping[str, str],
    tree: Mapping[str, str],
    ever: Collection[str],
) -> list[Part]:
    """`targets` are (code, name), the first takes the rest; `given` says which area directly below goes to which."""
    taken = {*ever, *(target for target, _name in targets)}
    rest = targets[0][0]
    parts = [Part(code, target, name, is_rest=target == rest) for target, name in targets]
    below = _below({one for one in tree if covers(code, one)}).get(code, [])
    for child in below:
        target = given.get(child, rest)
        wish = target + child[len(code) :]
        new = child if wish == child else free_code(target, taken, wish=wish)
        taken.add(new)
        parts += [Part(child, new, tree[child]), *carried(child, new, tree, taken)]
    return parts
