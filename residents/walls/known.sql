-- For reading a table as it was (portal.audit.past): which step of a row came after which, also where the later one is
-- behind the wall. Without it a file that has moved away would be shown as it stood before. Numbers and moments of
-- steps, nothing of what they say.

CREATE OR REPLACE VIEW sec.person_steps AS
    SELECT pgh_obj_id, pgh_id, pgh_created_at FROM public.residents_personevent;
CREATE OR REPLACE VIEW sec.dwelling_steps AS
    SELECT pgh_obj_id, pgh_id, pgh_created_at FROM public.residents_dwellingevent;
CREATE OR REPLACE VIEW sec.registration_steps AS
    SELECT pgh_obj_id, pgh_id, pgh_created_at FROM public.residents_registrationevent;
CREATE OR REPLACE VIEW sec.permit_steps AS
    SELECT pgh_obj_id, pgh_id, pgh_created_at FROM public.residents_permitevent;
CREATE OR REPLACE VIEW sec.application_steps AS
    SELECT pgh_obj_id, pgh_id, pgh_created_at FROM public.residents_permitapplicationevent;
GRANT SELECT ON sec.person_steps, sec.dwelling_steps, sec.registration_steps, sec.permit_steps, sec.application_steps
    TO app_rw, {owner};
