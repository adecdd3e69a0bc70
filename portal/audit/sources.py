"""What is sealed, and how a row becomes the text that is hashed."""

from dataclasses import dataclass

ACTOR_OF_CHANGE = "(SELECT c.metadata FROM pghistory_context c WHERE c.id = t.pgh_context_id)"


@dataclass(frozen=True, slots=True)
class Source:
    """`layouts[n]` are the columns, in this order, of seals with `layout` n; a layout in use never changes: when a
    table gets another column, add a layout. The key and the mark are left out: a row that moved can be told by its
    content."""

    name: str
    table: str
    key: str
    layouts: dict[int, str]

    @property
    def layout(self) -> int:
        return max(self.layouts)

    def text(self, layout: int) -> str:
        """SQL for the canonical JSON of a row of `t`: PostgreSQL writes numbers, times (UTC) and arrays one way."""
        return f"jsonb_build_array({self.layouts[layout]})::text"


CHANGE = f"pgh_label, pgh_created_at, pgh_obj_id, {ACTOR_OF_CHANGE}"
SOURCES = {
    source.name: source
    for source in (
        Source(
            "access",
            "audit_accessevent",
            "id",
            {
                1: "at, actor_id, actor_unit_id, session_hash, action, purpose, case_number, reason, person_ids,"
                " fields, row_count, result, request_id, address, query_hash"
            },
        ),
        Source(
            "entries",
            "audit_auditentry",
            "id",
            {1: "at, actor_id, action, target_model, target_id, area_code, request_id, details"},
        ),
        Source(
            "user_grants",
            "org_areausergrantevent",
            "pgh_id",
            {
                1: f"{CHANGE}, user_id, permission_id, content_object_id, valid_from, valid_to, granted_by_id,"
                " delegated_from_id, reason, mac"
            },
        ),
        Source(
            "group_grants",
            "org_areagroupgrantevent",
            "pgh_id",
            {
                1: f"{CHANGE}, group_id, permission_id, content_object_id, valid_from, valid_to, granted_by_id,"
                " reason, mac"
            },
        ),
        Source(
            "delegations",
            "org_delegationevent",
            "pgh_id",
            {1: f"{CHANGE}, delegator_id, area_code, matters, basis, valid_from, valid_to"},
        ),
    )
}
