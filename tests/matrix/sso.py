from portal.accounts.sso.models import Link
from portal.org.models import User
from tests.factories.org import StaffFactory
from tests.matrix import PUBLIC, Endpoint, Grant


def a_person(code: str) -> User:
    return StaffFactory.create(role="housing", area_code=code, display_name="周可见")


def a_link(code: str) -> Link:
    return Link.objects.create(
        user=a_person(code), provider="cas", subject=f"key-{User.objects.count()}", made_by=StaffFactory.create()
    )


ENDPOINTS = [
    # Nothing is switched on, so the doors do not exist.
    Endpoint("sso:start", PUBLIC, row=lambda code: code, args=lambda _row: ["cas"], method="post", ok=(404,)),
    Endpoint("sso:back", PUBLIC, row=lambda code: code, args=lambda _row: ["cas"], ok=(404,)),
    Endpoint("administration:single_sign_on", Grant(User, "change"), row=a_person, by_row=True),
    Endpoint(
        "administration:single_sign_on", Grant(User, "change"), row=a_person, by_row=True, method="post", ok=(422,)
    ),
    Endpoint(
        "administration:single_sign_on_remove",
        Grant(User, "change"),
        row=a_link,
        args=lambda row: [row.user_id, row.pk],
        by_row=True,
        method="post",
        ok=(302,),
    ),
]
