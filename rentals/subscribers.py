from portal.events.bus import subscribe
from portal.org.services import system_user
from rentals.events import RentalAccepted, RentalEnded
from rentals.selectors import is_let
from residents.services.letting import note_rental


@subscribe(RentalAccepted)
def tell_address_master_of_the_letting(event: RentalAccepted) -> None:
    note_rental(dwelling_id=event.dwelling_id, registered=is_let(event.dwelling_id), actor=system_user())


@subscribe(RentalEnded)
def tell_address_master_of_the_end(event: RentalEnded) -> None:
    """Events may come late and out of order, so the present state is told, not that of the event."""
    note_rental(dwelling_id=event.dwelling_id, registered=is_let(event.dwelling_id), actor=system_user())
