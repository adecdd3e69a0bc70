from portal.events.bus import subscribe
from portal.org.services import system_user
from rentals.events import HazardsChanged, RentalAccepted, RentalEnded
from rentals.selectors import is_let
from rentals.services.inspections.grading import house_of, regrade
from rentals.services.inspections.planning import drop
from rentals.services.reports.decisions import settle
from rentals.services.tenancies import end_tenancy, resume_tenancy
from residents.events import AddressChanged, PersonLeft, PersonRegistered, RegistrationRestored
from residents.models import Dwelling
from residents.services.letting import note_rental


@subscribe(RentalAccepted)
def tell_address_master_of_the_letting(event: RentalAccepted) -> None:
    note_rental(dwelling_id=event.dwelling_id, registered=is_let(event.dwelling_id), actor=system_user())


@subscribe(RentalEnded)
def tell_address_master_of_the_end(event: RentalEnded) -> None:
    """Events may come late and out of order, so the present state is told, not that of the event."""
    note_rental(dwelling_id=event.dwelling_id, registered=is_let(event.dwelling_id), actor=system_user())


@subscribe(PersonRegistered)
def settle_reports_of_an_arrival(event: PersonRegistered) -> None:
    settle(registration_id=event.registration_id, actor=system_user())


@subscribe(AddressChanged)
def settle_reports_of_a_move(event: AddressChanged) -> None:
    for stay in (event.old_registration_id, event.registration_id):
        settle(registration_id=stay, actor=system_user())


@subscribe(PersonLeft)
def settle_reports_of_a_departure(event: PersonLeft) -> None:
    settle(registration_id=event.registration_id, actor=system_user())


@subscribe(PersonLeft)
def end_the_tenancy_of_a_departure(event: PersonLeft) -> None:
    end_tenancy(registration_id=event.registration_id, actor=system_user())


@subscribe(AddressChanged)
def end_the_tenancy_of_a_move(event: AddressChanged) -> None:
    end_tenancy(registration_id=event.old_registration_id, actor=system_user())


@subscribe(RegistrationRestored)
def resume_the_tenancy_of_a_restored_stay(event: RegistrationRestored) -> None:
    resume_tenancy(registration_id=event.registration_id, actor=system_user())


@subscribe(RentalAccepted)
def grade_the_house_of_the_letting(event: RentalAccepted) -> None:
    _grade_anew(event.dwelling_id)


@subscribe(RentalEnded)
def grade_the_house_after_the_end(event: RentalEnded) -> None:
    _grade_anew(event.dwelling_id)


@subscribe(HazardsChanged)
def count_the_grade_anew(event: HazardsChanged) -> None:
    """What was found in the house has changed."""
    _grade_anew(event.dwelling_id)


@subscribe(RentalEnded)
def drop_the_inspection(event: RentalEnded) -> None:
    """Where nothing was found yet, and the dwelling is not let anew by now."""
    if not is_let(event.dwelling_id):
        drop(dwelling_id=event.dwelling_id, actor=system_user())


def _grade_anew(dwelling_id: int) -> None:
    regrade([house_of(Dwelling.objects.get(pk=dwelling_id))])
