"""Wall 2: PostgreSQL refuses what a query forgot to ask (security design §2.4, docs/adr/0008).

Wall 1 (`restrict`) narrows by action, wall 2 by area alone: whoever holds any grant on a table may read its rows there,
and write them with any grant that is more than looking. What a request may reach beyond its areas it is *admitted* to
by name: `context.admit(person=pk)` after the first wall, or an exact document number, has said yes.
"""
