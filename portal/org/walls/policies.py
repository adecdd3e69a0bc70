"""From the registry to SQL. Every policy asks `sec` once a statement: the scalar sub-select is what makes it so."""

from collections.abc import Iterator

from portal.org.walls.registry import WRITING_ADMISSIONS, Wall, tracked, walls

PRODUCT, DEFINER, OWNER = "app_rw", "sec_definer", "CURRENT_USER"
MAY_GRANT, MAY_SHAPE = "org__change_areagroupgrant", "org__change_area"
GUARDED = {
    "org_areausergrant": MAY_GRANT,
    "org_areagroupgrant": MAY_GRANT,
    "org_user_groups": MAY_GRANT,
    "org_area": MAY_SHAPE,
}
"""Tables on which all rights rest, and the right that writing them takes."""
COMMANDS = ("select", "insert", "update", "delete")


def statements(wall: Wall) -> Iterator[str]:
    """Makes the wall of one table anew, inside one transaction: nobody sees it open."""
    yield f"ALTER TABLE {wall.table} ENABLE ROW LEVEL SECURITY"
    yield f"ALTER TABLE {wall.table} FORCE ROW LEVEL SECURITY"
    for name in (*(f"wall_{command}" for command in COMMANDS), "wall_owner", "wall_definer"):
        yield f"DROP POLICY IF EXISTS {name} ON {wall.table}"
    reading, writing = condition(wall, writing=False), condition(wall, writing=True)
    yield f"CREATE POLICY wall_select ON {wall.table} FOR SELECT TO {PRODUCT} USING ({reading})"
    if wall.is_history:
        # History is written by triggers alone, which run as the owner.
        yield f"REVOKE INSERT, UPDATE, DELETE ON {wall.table} FROM {PRODUCT}"
    else:
        yield f"CREATE POLICY wall_insert ON {wall.table} FOR INSERT TO {PRODUCT} WITH CHECK ({writing})"
        yield (
            f"CREATE POLICY wall_update ON {wall.table} FOR UPDATE TO {PRODUCT}"
            f" USING ({writing}) WITH CHECK ({writing})"
        )
        yield f"CREATE POLICY wall_delete ON {wall.table} FOR DELETE TO {PRODUCT} USING ({writing})"
    yield f"REVOKE TRUNCATE ON {wall.table} FROM {PRODUCT}"
    yield f"CREATE POLICY wall_owner ON {wall.table} TO {OWNER} USING (true) WITH CHECK (true)"
    yield f"CREATE POLICY wall_definer ON {wall.table} FOR SELECT TO {DEFINER} USING (true)"
    yield f"GRANT SELECT ON {wall.table} TO {DEFINER}"


def guard(table: str) -> Iterator[str]:
    """Who may do what, and where, is read by every request and written by few: no injected statement of anybody else
    widens a right."""
    yield f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"
    yield f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY"
    for name in ("guard_select", "guard_write", "wall_owner", "wall_definer"):
        yield f"DROP POLICY IF EXISTS {name} ON {table}"
    may = f"(SELECT sec.holds('{GUARDED[table]}'))"
    yield f"CREATE POLICY guard_select ON {table} FOR SELECT TO {PRODUCT} USING (true)"
    yield f"CREATE POLICY guard_write ON {table} TO {PRODUCT} USING ({may}) WITH CHECK ({may})"
    yield f"CREATE POLICY wall_owner ON {table} TO {OWNER} USING (true) WITH CHECK (true)"
    yield f"CREATE POLICY wall_definer ON {table} FOR SELECT TO {DEFINER} USING (true)"


def condition(wall: Wall, *, writing: bool, row: str = "") -> str:
    """The wall's rule: by area, by admission, by what is visible already. `row` names the row when it is a parent.

    The codes are asked for once a table and statement, and compared as beginnings: one call and one comparison where
    the generated columns would take one for each level. `coalesce` keeps the planner from believing that almost no
    row passes, upon which it would sort a whole community for one page.
    """
    row = row or wall.table
    relation, flag = _relation(wall), "true" if writing else "false"
    parts = []
    if wall.by_area:
        codes = f"(SELECT sec.codes('{relation}', {flag}))"
        parts.append(f"coalesce({row}.area_code ^@ ANY ({codes}::text[]), false)")
    if wall.parent:
        column, parent = wall.parent
        rule = condition(walls()[parent], writing=True, row="parent") if writing else "true"
        parts.append(f"EXISTS (SELECT FROM {parent} parent WHERE parent.id = {row}.{column} AND ({rule}))")
    if wall.owner:
        parts.append(f"{row}.{wall.owner} = (SELECT sec.uid())")
    if not wall.by_area:
        parts.append(f"(SELECT sec.everywhere('{relation}', {flag}))")
    if wall.admission and (not writing or wall.admission[0] in WRITING_ADMISSIONS):
        kind, column = wall.admission
        parts.append(f"{row}.{column} = ANY ((SELECT sec.admitted('{kind}'))::bigint[])")
    if wall.child and not writing:
        child, column = wall.child
        parts.append(f"EXISTS (SELECT FROM {child} child WHERE child.{column} = {row}.id)")
    return " OR ".join(parts)


def _relation(wall: Wall) -> str:
    """History opens with the grants on what it is the history of."""
    return tracked(wall.model)._meta.db_table
