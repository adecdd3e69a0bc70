from portal.administration.events import CalendarChanged
from portal.events.bus import subscribe
from portal.org.services import system_user
from residents.events import (
    AddressChanged,
    PersonLeft,
    PersonRegistered,
    RegistrationRestored,
    RegistrationUndone,
)
from residents.models import Registration
from residents.services.merging.pairs import refresh_pairs
from residents.services.permits import cards
from residents.services.permits.recount import recount_due_dates
from residents.services.visits.tasks import close_deserted


@subscribe(AddressChanged)
def move_permit_with_its_holder(event: AddressChanged) -> None:
    cards.follow_address(person_id=event.person_id, actor=system_user())


@subscribe(PersonLeft)
def ask_about_permit_of_departed(event: PersonLeft) -> None:
    """A departure may be a mistake, so nothing ends by itself: the police are asked (product design §4)."""
    cards.propose_end(person_id=event.person_id, reason=cards.LEFT)


@subscribe(RegistrationRestored)
def forget_question_after_restoration(event: RegistrationRestored) -> None:
    cards.drop_proposal(person_id=event.person_id)


@subscribe(PersonRegistered)
def forget_question_after_return(event: PersonRegistered) -> None:
    cards.drop_proposal(person_id=event.person_id)
    cards.follow_address(person_id=event.person_id, actor=system_user())


@subscribe(CalendarChanged)
def recount_deadlines_after_calendar_change(event: CalendarChanged) -> None:
    recount_due_dates(year=event.year, actor=system_user())


@subscribe(PersonLeft)
def end_visits_to_the_departed(event: PersonLeft) -> None:
    _end_visits_at(event.registration_id)


@subscribe(AddressChanged)
def end_visits_to_the_old_address(event: AddressChanged) -> None:
    _end_visits_at(event.old_registration_id)


@subscribe(RegistrationUndone)
def end_visits_to_nobody(event: RegistrationUndone) -> None:
    _end_visits_at(event.registration_id)


def _end_visits_at(registration_id: int) -> None:
    left = Registration.objects.filter(pk=registration_id).values_list("dwelling_id", flat=True)
    close_deserted(list(left), system_user())


@subscribe(AddressChanged)
def look_for_namesakes_at_the_new_address(event: AddressChanged) -> None:
    refresh_pairs(person_ids=[event.person_id])
