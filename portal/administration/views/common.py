"""What the administrators' pages share."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.functional import cached_property

from portal.org.models import Area
from portal.org.scoping import scope_of
from portal.ui.http import StaffRequest
from portal.ui.views import PageMixin, ScopedMixin, ServiceFormView, add_domain_error, say

__all__ = ["AREA_NAME", "AdminPage", "PageMixin", "RowFormView", "add_domain_error", "say"]

AREA_NAME = Subquery(Area.objects.filter(code=OuterRef("area_code")).values("name")[:1])


class AdminPage(ScopedMixin, PageMixin):
    """403 when the action is granted nowhere. Rows come from `rows()`, which says what the grant covers."""

    action = "view"
    request: StaffRequest
    kwargs: dict[str, Any]

    def rows(self) -> QuerySet[Any]:
        raise NotImplementedError

    def require(self, action: str) -> None:
        """Raises PermissionDenied: a page everybody may read can hold a form that some may send."""
        if scope_of(self.request.user, self.model, action).is_nowhere:
            raise PermissionDenied

    def get_queryset(self) -> Any:
        return self.rows()


class RowFormView(AdminPage, ServiceFormView):
    """A form about one row (`pk` in the URL); a row outside the grant does not exist."""

    action = "change"

    @cached_property
    def object(self) -> Any:
        return get_object_or_404(self.rows(), pk=self.kwargs["pk"])

    def dispatch(  # type: ignore[override]  # only staff come this far
        self, request: StaffRequest, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        self.request = request
        if "pk" in kwargs and not scope_of(request.user, self.model, self.action).is_nowhere:
            _found = self.object
        return super().dispatch(request, *args, **kwargs)
