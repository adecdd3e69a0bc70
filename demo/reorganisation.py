"""A planned merge of two communities, so that the page of a re-organisation has something to show. Nothing is moved."""

from datetime import date

from portal.administration.services.reorganisation.services import plan_merge
from portal.core import clock
from portal.org.models import Area, AreaChange, User

PLANNER = "sysadmin"
TOWNSHIP = "330822001"
BASIS = "常政发〔2026〕31 号《关于同意合并部分社区的批复》"


def plan_reorganisation() -> None:
    """Repeatable: nothing is added when one is there already. The last two communities of the first street."""
    pair = list(Area.objects.filter(parent__code=TOWNSHIP, valid_to=None).order_by("-code")[:2])
    if AreaChange.objects.exists() or not pair:
        return
    kept = pair[-1]
    plan_merge(
        areas=pair,
        code=kept.code,
        name=kept.name,
        effective_on=date(clock.today().year + 1, 1, 1),
        basis=BASIS,
        actor=User.objects.get(username=PLANNER),
    )
