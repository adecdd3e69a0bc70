"""Why somebody comes, and where they work or learn."""

from datetime import date
from random import Random

from demo.draws import Lot, settings_file
from demo.people import CHILD, ELDER, HEAD, SPOUSE, STUDENT, Someone
from demo.places import SITE

WAGES, BUSINESS, FARMING, SERVICES, SCHOOLING, JOINING = "01", "03", "02", "04", "06", "09"
EMPLOYED = Lot([(WAGES, 87), (BUSINESS, 8), (SERVICES, 3), (FARMING, 1.5), ("08", 0.3), ("05", 0.2)])
OTHER_REASONS = ("10", "07", "11", "99")
SPOUSE_WORKS, HEAD_OTHERWISE, CHILD_LEARNS = 0.8, 0.02, 0.85
HIGH_SCHOOL_AGE = 15


class Work:
    def __init__(self, rng: Random) -> None:
        plan = settings_file("places")
        self.rng = rng
        self.employers = plan["employers"]
        self.posts = plan["occupations"]

    def reason(self, someone: Someone, on: date) -> str:
        """A code of `stay_reason`."""
        rng = self.rng
        of_school_age = 6 <= someone.age(on) <= 17
        if someone.part == STUDENT or (someone.part == CHILD and of_school_age and rng.random() < CHILD_LEARNS):
            return SCHOOLING
        if someone.part in (CHILD, ELDER) or (someone.part == SPOUSE and rng.random() >= SPOUSE_WORKS):
            return JOINING
        if someone.part == HEAD and rng.random() < HEAD_OTHERWISE:
            return rng.choice(OTHER_REASONS)
        return EMPLOYED.draw(rng)

    def found(self, someone: Someone, reason: str, dwelling_kind: str, on: date) -> tuple[str, str]:
        """Employer or school, and the post."""
        rng = self.rng
        if reason == SCHOOLING:
            level = "high_schools" if someone.age(on) >= HIGH_SCHOOL_AGE else "schools"
            return rng.choice(self.employers[level]), "学生"
        if reason not in (WAGES, FARMING, BUSINESS, SERVICES):
            return "", ""
        line = {FARMING: "farm", SERVICES: "service", BUSINESS: "service"}.get(reason, "job")
        if reason == WAGES:
            line = "site" if dwelling_kind == SITE else rng.choice(("job", "job", "job", "service"))
        post = rng.choice(self.posts["business" if reason == BUSINESS else line])
        return f"常山县{rng.choice(self.employers['words'])}{rng.choice(self.employers[line])}", post
