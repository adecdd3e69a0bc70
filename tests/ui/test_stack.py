"""Where a request gets its room: what is called, with what and how it ends is not changed."""

import pytest
from django.http import HttpRequest, HttpResponse

from portal.ui.middleware import PreferencesMiddleware
from portal.ui.stack import SLOTS, with_room


def depth(left: int) -> int:
    return 0 if left == 0 else 1 + depth(left - 1)


def test_arguments_answers_and_errors_pass_through():
    @with_room
    def divide(over: int, *, under: int) -> float:
        """Named as before."""
        return over / under

    assert divide(6, under=3) == 2
    assert (divide.__name__, divide.__doc__) == ("divide", "Named as before.")
    with pytest.raises(ZeroDivisionError):
        divide(1, under=0)


def test_calls_may_go_deeper_than_the_piece_is_long():
    assert with_room(depth)(700) == 700
    assert with_room(with_room(depth))(100) == 100


def test_the_piece_outgrows_the_usual_one():
    """Ninety calls of Django's length fill a usual piece; with fewer slots the call would fit into it."""
    assert with_room(depth).__code__.co_stacksize == SLOTS > 16 * 1024 // 8


def test_every_request_has_its_room(rf):
    def answer(_request: HttpRequest) -> HttpResponse:
        return HttpResponse("ok")

    middleware = PreferencesMiddleware(answer)
    assert middleware.get_response.__code__.co_stacksize == SLOTS
    assert middleware(rf.get("/login/")).content == b"ok"
