from typing import ClassVar

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.core.classes import c1, c2
from portal.core.history import track
from portal.core.models import Timestamped, Versioned


@track()
class MappingFile(Timestamped, Versioned):
    """How the exports of another platform are read (`residents.imports.mapped`), put in by an administrator.

    `code` names the kind of import for good: a new file of the same code replaces `source`. One that is switched off
    is offered to nobody, but imports made with it can still be carried on and taken back.
    """

    scope_actions: ClassVar[tuple[str, ...]] = ("view", "change")
    field_classes = (
        c1("how tables of another platform are read", "code", "title", "about", "source"),
        c2("who put the mapping in, and whether it is offered", "added_by", "is_active"),
    )

    code = models.CharField(_("code"), max_length=40, unique=True)
    title = models.CharField(_("title"), max_length=60)
    about = models.CharField(_("description"), max_length=200, blank=True)
    source = models.TextField(_("mapping file"))
    is_active = models.BooleanField(_("in use"), default=True)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["title", "pk"]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("residents:mapping", args=[self.pk])
