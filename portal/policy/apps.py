from typing import ClassVar

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

LAW = "the rules themselves, public by nature; local ones are read by every page of their area"


class PolicyConfig(AppConfig):
    name = "portal.policy"
    verbose_name = _("Rules, codes and calendar")
    unwalled: ClassVar[dict[str, str]] = {"policy_policyrule": LAW, "policy_policyruleevent": LAW}
