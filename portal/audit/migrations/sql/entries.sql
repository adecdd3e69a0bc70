ALTER TABLE audit_auditentry ADD COLUMN mark bigint NOT NULL DEFAULT audit_mark();
CREATE INDEX audit_mark ON audit_auditentry (mark, id);
SELECT audit_only_grows('audit_auditentry');
SELECT audit_only_grows('audit_auditseal');
SELECT audit_only_grows('audit_auditcheck');

-- What was granted and taken is sealed as well.
ALTER TABLE org_areausergrantevent ADD COLUMN mark bigint NOT NULL DEFAULT audit_mark();
ALTER TABLE org_areagroupgrantevent ADD COLUMN mark bigint NOT NULL DEFAULT audit_mark();
ALTER TABLE org_delegationevent ADD COLUMN mark bigint NOT NULL DEFAULT audit_mark();
CREATE INDEX areausergrantevent_mark ON org_areausergrantevent (mark, pgh_id);
CREATE INDEX areagroupgrantevent_mark ON org_areagroupgrantevent (mark, pgh_id);
CREATE INDEX delegationevent_mark ON org_delegationevent (mark, pgh_id);
SELECT audit_only_grows('org_areausergrantevent');
SELECT audit_only_grows('org_areagroupgrantevent');
SELECT audit_only_grows('org_delegationevent');
