import django_tables2 as tables
from django.contrib.auth.models import Group
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.org.models import User
from portal.ui.tables import IN_LINE, BadgeColumn, LinkColumn, MomentColumn, NumberColumn, PortalTable


class PersonTable(PortalTable):
    display_name = LinkColumn(
        href=lambda user: reverse("administration:person", args=[user.pk]),
        note=lambda user: user.username,
        verbose_name=gettext_lazy("Staff member"),
        order_by=("display_name", "username"),
        empty_values=(),
    )
    department = tables.Column(verbose_name=gettext_lazy("Department"), attrs=IN_LINE)
    area_name = tables.Column(verbose_name=gettext_lazy("Area"), attrs=IN_LINE, order_by="area_code", default="—")
    title = tables.Column(verbose_name=gettext_lazy("Post"), attrs=IN_LINE)
    last_login = MomentColumn(verbose_name=gettext_lazy("Last login"), default="—")
    is_active = BadgeColumn(
        verbose_name=gettext_lazy("Account state"),
        tones={"True": "ok", "False": ""},
        attrs={"td": {"class": "corner"}},
    )

    class Meta(PortalTable.Meta):
        model = User
        fields = ("display_name", "department", "area_name", "title", "last_login", "is_active")
        order_by = "area_name"
        empty_text = gettext_lazy("No account matches these filters.")

    def render_display_name(self, value: str, record: User, column: LinkColumn) -> str:
        return str(column.render(str(record), record))

    def render_is_active(self, value: bool, record: User, column: BadgeColumn, bound_column: object) -> str:  # noqa: FBT001 – table hook
        return str(column.render(_("In use") if record.is_active else _("Disabled"), record, bound_column))


class GroupTable(PortalTable):
    name = LinkColumn(
        href=lambda group: reverse("administration:group", args=[group.pk]), verbose_name=gettext_lazy("Group")
    )
    members = NumberColumn(verbose_name=gettext_lazy("Members"))
    rights = NumberColumn(verbose_name=gettext_lazy("Rights"))

    class Meta(PortalTable.Meta):
        model = Group
        fields = ("name", "members", "rights")
        order_by = "name"
        empty_text = gettext_lazy("No group matches.")
