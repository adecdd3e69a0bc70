"""The chain of seals: it names what was altered, missing, inserted, reordered or cut (security design §3.3)."""

import hashlib
import io

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from portal.audit import chain, heads, marks, sealing, verification
from portal.audit import services as audit
from portal.audit.models import AccessEvent, AuditCheck, AuditEntry, AuditSeal
from portal.audit.sealing import Head
from portal.audit.verification import Problem
from portal.org.models import AreaUserGrant
from tests.factories.org import StaffFactory

pytestmark = pytest.mark.django_db
EVERYTHING = 1 << 60


def sql(text: str, *values) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(text, values)
        return cursor.fetchall() if cursor.description else []


@pytest.fixture
def log():
    """Six looks, sealed three by three, and a table that lets itself be tampered with."""
    actor = StaffFactory.create()
    for number in range(6):
        audit.access(actor=actor, action="open", person_ids=[number])
    sealing.seal(horizon=EVERYTHING, rows_a_seal=3, closed=False)
    sql("SET CONSTRAINTS ALL IMMEDIATE")
    sql("ALTER TABLE audit_accessevent DISABLE TRIGGER kept_as_written")
    return list(AccessEvent.objects.order_by("pk").values_list("pk", flat=True))


def problems(*known: Head) -> list[str]:
    return [f"{one.kind} {one.source} {one.row}" for one in verification.verify(known_heads=known).problems]


def test_rows_of_a_transaction_still_running_wait_for_the_next_run():
    audit.access(actor=StaffFactory.create(), action="open", person_ids=[1])
    assert sealing.seal() == 0
    assert sealing.waiting() == 1
    assert sealing.seal(horizon=EVERYTHING, closed=False) == 1
    assert sealing.waiting() == 0


def test_nothing_new_makes_no_seal():
    assert sealing.seal(horizon=EVERYTHING, closed=False) == 0
    assert not AuditSeal.objects.exists()
    assert sealing.head() == Head(0, "")


def test_each_seal_holds_the_hash_of_the_one_before(log):
    first, second = AuditSeal.objects.order_by("number")
    assert (first.number, first.count, list(first.ids)) == (1, 3, log[:3])
    assert bytes(first.previous) == b""
    assert bytes(second.previous) == bytes(first.digest)
    assert sealing.head() == Head(2, bytes(second.digest).hex())


def test_the_leaf_of_a_row_is_the_hash_of_its_canonical_text():
    assert chain.leaf("sha256", '["a", 1]') == hashlib.sha256(b'["a", 1]').digest()[:16]
    assert chain.leaf("sm3", "abc").hex() == "66c7f0f462eeedd9d1f2d46bdc10e4e2"  # GB/T 32905-2016, example 1


def test_an_untouched_log_is_sound(log):
    report = verification.verify()
    assert (report.rows, report.seals, report.problems) == (6, 2, [])


def test_the_hash_may_change_while_the_log_goes_on(log, settings):
    settings.AUDIT_HASH = "sm3"
    audit.access(actor=StaffFactory.create(), action="print", person_ids=[9])
    sealing.seal(horizon=EVERYTHING, closed=False)
    assert AuditSeal.objects.order_by("number").values_list("algorithm", flat=True)[2] == "sm3"
    assert problems() == []


def test_an_altered_row_is_named(log):
    sql("UPDATE audit_accessevent SET reason = 'something else' WHERE id = %s", log[1])
    assert problems() == [f"altered access {log[1]}"]


def test_a_missing_row_is_named(log):
    sql("DELETE FROM audit_accessevent WHERE id = %s", log[1])
    assert problems() == [f"missing access {log[1]}"]


def test_an_inserted_row_is_named(log):
    sql(
        """INSERT INTO audit_accessevent (id, at, mark, actor_id, action, purpose, reason, person_ids, fields,
                                          row_count, request_id)
           SELECT 900000, at, mark, actor_id, 'print', '', '', person_ids, fields, row_count, request_id
           FROM audit_accessevent WHERE id = %s""",
        log[1],
    )
    sql("UPDATE audit_accessevent SET mark = mark - 1 WHERE id = 900000")
    assert problems() == ["inserted access 900000"]


def test_a_row_slipped_in_behind_the_last_sealed_one_is_named():
    actor = StaffFactory.create()
    first = audit.access(actor=actor, action="open", person_ids=[1])
    [(mark,)] = sql("SELECT mark FROM audit_accessevent WHERE id = %s", first.pk)
    sealing.seal(horizon=mark + 1)
    late = audit.access(actor=actor, action="open", person_ids=[2])  # same transaction, hence the same mark
    assert problems() == [f"inserted access {late.pk}"]


def test_two_rows_that_changed_places_are_named_as_reordered(log):
    sql(
        "UPDATE audit_accessevent SET id = CASE id WHEN %s THEN %s ELSE %s END WHERE id IN (%s, %s)",
        log[0],
        log[4],
        log[0],
        log[0],
        log[4],
    )
    assert problems() == [f"reordered access {log[0]}", f"reordered access {log[4]}"]


def test_rows_missing_from_the_end_are_named_as_cut(log):
    sql("DELETE FROM audit_accessevent WHERE id IN (%s, %s)", log[4], log[5])
    assert problems() == [f"cut access {log[4]}", f"cut access {log[5]}"]


def test_an_end_cut_off_with_its_seals_is_seen_against_the_copy_of_the_head(log):
    copy = sealing.head()
    sql("ALTER TABLE audit_auditseal DISABLE TRIGGER kept_as_written")
    sql("DELETE FROM audit_auditseal WHERE number = 2")
    sql("DELETE FROM audit_accessevent WHERE id > %s", log[2])
    assert problems() == []
    assert problems(copy) == ["cut seal 2"]


def test_a_seal_that_was_taken_out_or_changed_is_named(log):
    audit.access(actor=StaffFactory.create(), action="print", person_ids=[9])
    sealing.seal(horizon=EVERYTHING, closed=False)
    sql("ALTER TABLE audit_auditseal DISABLE TRIGGER kept_as_written")
    sql("UPDATE audit_auditseal SET sealed_at = sealed_at, ids[1] = ids[1] + 100 WHERE number = 1")
    assert "altered seal 1" in problems()
    sql("DELETE FROM audit_auditseal WHERE number = 1")
    assert "missing seal 1" in problems()


def test_a_chain_written_anew_without_the_key_file_is_not_believed(log):
    seal = AuditSeal.objects.get(number=2)
    stretch = chain.stretch_of(seal)
    forged = chain.Stretch(**{name: getattr(stretch, name) for name in stretch.__slots__} | {"leaves": b"x" * 48})
    sql("ALTER TABLE audit_auditseal DISABLE TRIGGER kept_as_written")
    sql("UPDATE audit_auditseal SET leaves = %s, digest = %s WHERE number = 2", forged.leaves, forged.digest())
    assert "altered seal 2" in problems()


def test_entries_and_grants_are_sealed_as_well(staff):
    clerk = staff(AccessEvent, "view", at="330822")
    audit.record(actor=clerk, action="made", target=clerk)
    sealing.seal(horizon=EVERYTHING, closed=False)
    assert set(AuditSeal.objects.values_list("source", flat=True)) == {"entries", "user_grants"}
    assert problems() == []
    grant = AreaUserGrant.objects.get(user=clerk)
    sql("SET CONSTRAINTS ALL IMMEDIATE")
    sql("ALTER TABLE org_areausergrantevent DISABLE TRIGGER kept_as_written")
    sql("UPDATE org_areausergrantevent SET valid_to = NULL, reason = 'quiet' WHERE pgh_obj_id = %s", grant.pk)
    assert {text.split()[1] for text in problems()} == {"user_grants"}
    sql("ALTER TABLE audit_auditentry DISABLE TRIGGER kept_as_written")
    entry = AuditEntry.objects.get()
    sql("""UPDATE audit_auditentry SET details = '{"x": 1}' WHERE id = %s""", entry.pk)
    assert f"altered entries {entry.pk}" in problems()


def test_audit_verify_ends_with_one_and_names_the_rows(log):
    out, err = io.StringIO(), io.StringIO()
    call_command("audit_verify", keep=True, stdout=out)
    assert "6 rows under 2 seals" in out.getvalue()
    assert AuditCheck.objects.get().is_sound
    sql("DELETE FROM audit_accessevent WHERE id = %s", log[1])
    with pytest.raises(CommandError) as refused:
        call_command("audit_verify", stdout=out, stderr=err)
    assert refused.value.returncode == 1
    assert f"missing access {log[1]}" in err.getvalue()


def test_audit_head_keeps_copies_that_audit_verify_reads(log, tmp_path):
    file = tmp_path / "head.log"
    call_command("audit_head", to=file, stdout=io.StringIO())
    assert heads.read(file) == [sealing.head()]
    call_command("audit_verify", head=file, stdout=io.StringIO())
    file.write_text(f"2026-11-22T10:00:00 7 {'0' * 64}\n", encoding="ascii")
    with pytest.raises(CommandError, match="tampered"):
        call_command("audit_verify", head=file, stdout=io.StringIO(), stderr=io.StringIO())
    file.write_text("nonsense\n", encoding="ascii")
    with pytest.raises(CommandError, match="line 1") as unreadable:
        call_command("audit_verify", head=file, stdout=io.StringIO())
    assert unreadable.value.returncode == 2


def test_a_kept_check_names_at_most_a_hundred_problems():
    report = verification.Report(problems=[Problem("missing", "access", number) for number in range(150)])
    assert len(verification.keep(report).problems) == 100


def test_after_a_restore_into_another_cluster_new_rows_are_sealed_and_the_old_seals_hold(log):
    """There the numbers of transactions begin anew, far below what is sealed."""
    sql("ALTER TABLE audit_auditseal DISABLE TRIGGER kept_as_written")
    sealing.seal(horizon=EVERYTHING, closed=False)
    late = audit.access(actor=StaffFactory.create(), action="open", person_ids=[9])
    sealing.seal(horizon=EVERYTHING)  # closes the stretch far ahead of this cluster's numbers
    assert sealing.waiting() == 0
    marks.keep_ahead()
    new = audit.access(actor=StaffFactory.create(), action="open", person_ids=[10])
    [(mark,)] = sql("SELECT mark FROM audit_accessevent WHERE id = %s", new.pk)
    assert mark > EVERYTHING
    assert sealing.waiting() == 1
    assert sealing.seal(horizon=mark + 1) == 1
    assert problems() == []
    assert late.pk < new.pk
