"""Named filters of lists, one's own or the unit's. Nothing here needs a right: a view only leads to a page that asks
for it."""

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _

from portal.audit import services as audit
from portal.core import clock
from portal.core.errors import DomainError
from portal.org.models import User
from portal.ui.filters import refuse_private_number
from portal.ui.models import LONGEST_NAME, LONGEST_QUERY, SavedView

MOST_PER_LIST = 20


def views_of(user: User, path: str) -> QuerySet[SavedView]:
    """One's own views of a list, and those that somebody shared with one's unit: same department, same area."""
    return SavedView.objects.filter(_mine(user) | _of_my_unit(user), path=path).select_related("owner", "default_for")


def first_view(user: User, views: Iterable[SavedView]) -> SavedView | None:
    """Of the views of a list, what it shows when it is opened without any filter: the one that the unit set for a
    role of `user`. Asks nothing where no view is one."""
    offered = {view.default_for_id: view for view in views if view.default_for_id}
    roles = user.groups.order_by("pk").values_list("pk", flat=True) if offered else ()
    return next((offered[role] for role in roles if role in offered), None)


def _mine(user: User) -> Q:
    return Q(owner=user)


def _of_my_unit(user: User) -> Q:
    """Without a department nobody shares."""
    if user.department_id is None:
        return Q(pk__in=[])
    return Q(unit=user.department_id, unit_area=user.area_code)


@transaction.atomic
def save_view(*, path: str, name: str, query: str, actor: User) -> SavedView:
    """An existing name is given the new filters. Raises DomainError for an unknown page, no name or too many views."""
    name = name.strip()
    if not name:
        raise DomainError(_("Please give the view a name."), field="name")
    if len(name) > LONGEST_NAME or len(query) > LONGEST_QUERY:
        raise DomainError(_("The name may have 20 characters at most."), field="name")
    _require_page(path)
    wanted = _cleaned(query)
    if SavedView.objects.filter(owner=actor, path=path).exclude(name=name).count() >= MOST_PER_LIST:
        raise DomainError(_("There are 20 views of this list already. Please remove one first."))
    view, _created = SavedView.objects.update_or_create(owner=actor, path=path, name=name, defaults={"query": wanted})
    return view


def remove_view(*, view_id: int, actor: User) -> SavedView:
    """Raises SavedView.DoesNotExist for a view of somebody else."""
    view = SavedView.objects.get(pk=view_id, owner=actor)
    view.delete()
    return view


@transaction.atomic
def share_view(*, view_id: int, shared: bool, default: bool = False, actor: User) -> SavedView:
    """Only the owner shares a view, with the own unit; `default` makes it the first thing that colleagues of the unit
    with the owner's role see, in the place of the one before. Raises SavedView.DoesNotExist for somebody else's view,
    DomainError for an owner without a unit or, for a default, without a role."""
    view = SavedView.objects.select_for_update().get(pk=view_id, owner=actor)
    view.unit, view.unit_area, view.default_for = None, "", None
    if shared:
        if actor.department is None:
            raise DomainError(_("Your account belongs to no unit, so there is nobody to share with."))
        view.unit, view.unit_area = actor.department, actor.area_code
    if shared and default:
        view.default_for = actor.groups.order_by("pk").first()
        if view.default_for is None:
            raise DomainError(_("Your account has no role whose first view this could be."))
        before = SavedView.objects.filter(_of_my_unit(actor), path=view.path, default_for=view.default_for)
        before.exclude(pk=view.pk).update(default_for=None, updated_at=clock.now())
    view.save(update_fields=["unit", "unit_area", "default_for"])
    audit.record(actor=actor, action="view.shared" if shared else "view.unshared", target=view, default=default)
    return view


def _require_page(path: str) -> None:
    try:
        resolve(path)
    except Resolver404:
        raise DomainError(_("This list does not exist any more.")) from None


def _cleaned(query: str) -> str:
    left = QueryDict(query, mutable=True)
    left.pop("page", None)
    for values in left.lists():
        for value in values[1]:
            try:
                refuse_private_number(value)
            except ValidationError as error:
                raise DomainError(" ".join(error.messages)) from error
    return left.urlencode()
