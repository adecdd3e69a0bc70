"""Who sees what of colleagues and of their own unfinished work. Read at start, like `field_policy` of every app."""

from portal.core.classes import DataClass
from portal.org.models import Area, Delegation, Department, User
from portal.vault.projection import Gets, Policy, register

register(Policy(Department, public=Gets(full=(DataClass.C1,))))
register(Policy(Area, public=Gets(full=(DataClass.C1,))))
register(Policy(Delegation, public=Gets(full=(DataClass.C1,))))
register(
    Policy(
        User,
        staff=Gets(full=(DataClass.C2, "username", "display_name", "title")),
    )
)
