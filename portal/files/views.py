"""Giving attachments out: to those whose grant covers their area, as a download, and every time on the record."""

from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from portal.files import store
from portal.files.models import Attachment
from portal.files.services import content_of
from portal.org.scoping import can

SUFFIX = {"image/jpeg": "jpg", "application/pdf": "pdf"}


@require_safe
def download(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """Never inline: opened by itself the content could not act in this site's name. Pictures still show in pages."""
    if not can(request.user, Attachment, "view"):
        raise PermissionDenied
    row = get_object_or_404(Attachment.objects.restrict(request.user, "view"), pk=pk, removed_at=None)
    if not store.path_of(row).is_file():
        raise Http404
    response = StreamingHttpResponse(content_of(row, actor=request.user), content_type=row.content_type)  # type: ignore[arg-type]
    response["Content-Disposition"] = f'attachment; filename="{row.pk}.{SUFFIX.get(row.content_type, "bin")}"'
    response["Content-Length"] = str(row.size)
    response["Cache-Control"] = "no-store"
    return response
