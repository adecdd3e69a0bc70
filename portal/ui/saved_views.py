"""Named filters of lists. Nothing here needs a right: a view only leads to a page that asks for it."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import QueryDict
from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _

from portal.core.errors import DomainError
from portal.org.models import User
from portal.ui.filters import refuse_private_number
from portal.ui.models import LONGEST_NAME, LONGEST_QUERY, SavedView

MOST_PER_LIST = 20


def views_of(user: User, path: str) -> QuerySet[SavedView]:
    return SavedView.objects.filter(owner=user, path=path)


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
    if views_of(actor, path).exclude(name=name).count() >= MOST_PER_LIST:
        raise DomainError(_("There are 20 views of this list already. Please remove one first."))
    view, _created = SavedView.objects.update_or_create(owner=actor, path=path, name=name, defaults={"query": wanted})
    return view


def remove_view(*, view_id: int, actor: User) -> SavedView:
    """Raises SavedView.DoesNotExist for a view of somebody else."""
    view = SavedView.objects.get(pk=view_id, owner=actor)
    view.delete()
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
