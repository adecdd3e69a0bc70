"""How long what is kept, and taking it away when the term has ended (PIPL arts 19 and 47; digest P7, P11).

People go through `privacy_forget`, a function of the owner of the tables: the product may not change history by
itself. The function asks the same questions again and refuses whoever is not due.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.core.files.storage import default_storage
from django.db import IntegrityError, connection, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.audit import services as audit
from portal.core import clock
from portal.core.errors import DomainError
from portal.exchange.provisions import forget_old_provisions, old_provisions
from portal.files import store
from portal.files.models import Attachment
from portal.jobs.models import Job, JobState
from portal.org.models import User
from portal.org.services import system_user
from portal.policy.services import Rule, rule, shift
from privacy.choices import RequestKind
from privacy.extension import file_removers
from privacy.models import SubjectRequest
from privacy.models.request import CLOSED
from privacy.services.requests import carried_out, take_for
from residents.models import Draft, Person
from residents.services.drafts import purge_drafts

STAYS, FILES = "retention.after_deregistration_years", "retention.permit_file_years"
REQUESTS = "retention.subject_requests_years"
BATCH = 500
WITHOUT_END = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of record. `rules` are the policy codes whose terms count; `due` says how many would go on a day.
    `remove` is None where another job does it every night or hour."""

    code: str
    title: str | Promise
    what: str | Promise
    rules: tuple[str, ...]
    due: Callable[[date], int]
    remove: Callable[[], int] | None = None

    @property
    def terms(self) -> list[Rule]:
        return [rule(code) for code in self.rules]


def kept_until(*, last_stay: date, last_file: date | None, area_code: str, on: date) -> date:
    """The last day on which a person's data is kept; mirrors `privacy_kept_until` in plain dates.

    `last_stay` is the day of departure, `last_file` the day on which the last permit or file ended. Terms are
    counted by the calendar: two years after 29 February end on 28 February.
    """
    stay = rule(STAYS, on=on, area_code=area_code)
    ends = [shift(last_stay, int(stay.value), stay.unit)]
    if last_file is not None:
        file = rule(FILES, on=on, area_code=area_code)
        ends.append(shift(last_file, int(file.value), file.unit))
    return max(ends)


def due_people(day: date, *, beyond: int = 0, most: int = WITHOUT_END) -> list[int]:
    """Keys of the people whose term had ended before `day`."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT privacy_due(%s, %s, %s)", [day, beyond, most])
        return [row[0] for row in cursor.fetchall()]


def forget_due(*, actor: User, beyond: int = 0, most: int = BATCH) -> list[int]:
    """Make the next people anonymous whose term has ended; returns their keys, in order."""
    done = due_people(clock.today(), beyond=beyond, most=most)
    for person_id in done:
        _forget(person_id, actor)
    return done


@transaction.atomic
def carry_out_deletion(*, request_id: int, version: int, actor: User) -> SubjectRequest:
    """Delete as the person asked. Refused while the retention term runs: then the use can be restricted (art. 47)."""
    request = take_for(request_id, actor, version, RequestKind.DELETE)
    try:
        with transaction.atomic():
            _forget(request.person_id, actor, request=request.number)
    except IntegrityError as error:
        message = _(
            "The law still asks for these data, or an investigation holds them. Restrict the use instead, or refuse."
        )
        raise DomainError(message, code="term_running") from error
    return carried_out(request, actor)


def _forget(person_id: int, actor: User, **details: str) -> None:
    """The audit row says that it was done, by which rule; not to whom it had belonged."""
    system_user()
    with connection.cursor() as cursor:
        cursor.execute("SELECT privacy_files(%s)", [person_id])
        files = [row[0] for row in cursor.fetchall()]
        cursor.execute("SELECT privacy_forget(%s)", [person_id])
        picture = cursor.fetchone()[0]
    audit.record(actor=actor, action="person.forgotten", target=Person(pk=person_id), rules=[STAYS, FILES], **details)
    transaction.on_commit(lambda: _remove_files(person_id, picture, files))


def _remove_files(person_id: int, picture: str, files: list[UUID]) -> None:
    if picture:
        default_storage.delete(picture)
    for key in files:
        store.delete(Attachment(pk=key))
    for remover in file_removers():
        remover(person_id)


def _old_drafts(day: date) -> int:
    term = rule("draft.retention_days", on=day)
    return Draft.objects.filter(updated_at__date__lt=shift(day, -int(term.value), term.unit)).count()


def _old_results(_day: date) -> int:
    return Job.objects.filter(state=JobState.DONE, expires_at__lte=clock.now()).exclude(result="").count()


def old_requests(day: date) -> list[int]:
    """Requests closed longer ago than the rule allows."""
    term = rule(REQUESTS, on=day)
    oldest = shift(day, -int(term.value), term.unit)
    rows = SubjectRequest.objects.filter(status__in=CLOSED, closed_at__date__lt=oldest)
    return list(rows.values_list("pk", flat=True))


def forget_old_requests() -> int:
    """Delete them with their steps; that there was one stays in the audit log."""
    gone = old_requests(clock.today())
    SubjectRequest.objects.filter(pk__in=gone).delete()
    return len(gone)


KINDS = (
    Kind(
        "people",
        gettext_lazy("People who have left"),
        gettext_lazy("Register, history, search columns, corrections and photographs are made anonymous"),
        (STAYS, FILES),
        lambda day: len(due_people(day)),
    ),
    Kind(
        "requests",
        gettext_lazy("Requests of persons"),
        gettext_lazy("Closed requests are deleted with all their steps"),
        (REQUESTS,),
        lambda day: len(old_requests(day)),
        forget_old_requests,
    ),
    Kind(
        "provisions",
        gettext_lazy("Records of data handed on"),
        gettext_lazy("Records are deleted"),
        ("retention.provision_records_years",),
        lambda day: old_provisions(day).count(),
        forget_old_provisions,
    ),
    Kind(
        "drafts",
        gettext_lazy("Drafts"),
        gettext_lazy("Forms that were begun and not saved are deleted"),
        ("draft.retention_days",),
        _old_drafts,
        purge_drafts,
    ),
    Kind(
        "results",
        gettext_lazy("Files made by exports"),
        gettext_lazy("Files are deleted every hour; the record of the export stays"),
        ("export.expiry_hours",),
        _old_results,
    ),
)
