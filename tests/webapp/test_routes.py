"""Rules that hold for every address, also for those added later."""

import json
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest
from django.test import Client

from tests.sockets import Socket
from tests.webapp.belongings import make_everything, rows_of_everything
from tests.webapp.routes import Route, every_route
from webapp.accounts.models import User
from webapp.asgi import application
from webapp.core.events.sockets import websocket_urlpatterns

OPEN_TO_ANYBODY = {
    *("/login/", "/health/", "/health/live/", "/health/ready/", "/setup/thumb/"),
    *("/s/thumb/", "/s/thumb/film/", f"/s/thumb/{UUID(int=7)}/thumb/"),
    *(
        "/invitations/thumb/",
        "/manifest.webmanifest",
        "/service-worker.js",
        "/offline/",
        "/words.js",
    ),
    *("/login/provider/", "/login/provider/back/"),  # Not there without a provider.
    "/metrics",  # From this machine; who else may read it is tested with it.
}
ROUTES = every_route()
ROUTES_TO_OBJECTS = [
    route
    for route in ROUTES
    if "_id>" in route.pattern and not route.pattern.startswith("account/members/")
]
LIVE_SOCKETS = [
    str(pattern.pattern)
    for pattern in websocket_urlpatterns()
    if "session_id" in str(pattern.pattern)
]
METHODS = ("GET", "HEAD", "POST", "PATCH", "DELETE", "PUT")
TUS = {"HTTP_TUS_RESUMABLE": "1.0.0", "content_type": "application/offset+octet-stream"}
JSON = "application/json"
UNSAFE_METHODS = ("post", "put", "patch", "delete")
SOCKETS = [f"/{pattern.pattern}".replace("<uuid:session_id>", str(UUID(int=0))) for pattern in
           websocket_urlpatterns()]  # fmt: skip


def test_the_site_has_addresses_and_sockets() -> None:
    assert len(ROUTES) > 8
    assert "/ws/events/" in SOCKETS


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.pattern or "home")
def test_an_anonymous_visitor_is_sent_to_the_login(route: Route, client: Client, db: None) -> None:
    response = client.get(route.path)
    if route.path in OPEN_TO_ANYBODY:
        assert response.status_code in {200, 404}
        return
    is_sent_to_login = response.status_code == 302 and response.url.startswith("/login/")
    assert is_sent_to_login or response.status_code in {401, 403, 405}, response.status_code


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.pattern or "home")
def test_no_address_changes_anything_without_a_csrf_token(route: Route, owner: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(owner, backend="django.contrib.auth.backends.ModelBackend")
    for method in UNSAFE_METHODS:
        response = getattr(client, method)(route.path)
        assert response.status_code == 403, f"{method} {route.path}: {response.status_code}"


def test_the_login_itself_needs_a_csrf_token(db: None) -> None:
    response = Client(enforce_csrf_checks=True).post("/login/", {"username": "a", "password": "b"})
    assert response.status_code == 403


@pytest.mark.parametrize("path", SOCKETS)
@pytest.mark.django_db(transaction=True)
async def test_an_anonymous_socket_learns_that_it_is_signed_out_and_nothing_else(path: str) -> None:
    socket = Socket(application, path)
    assert await socket.connect(), "without a handshake a browser cannot see the code"
    await socket.send_input({"type": "websocket.receive", "text": '{"type": "resume"}'})
    told = await socket.receive_output(timeout=5)
    # Who holds a link is signed in nowhere; one that never was is only not found.
    code = 4404 if path.startswith("/s/") else 4401
    assert (told["type"], told["code"]) == ("websocket.close", code)
    assert await socket.receive_nothing()
    await socket.disconnect()


@pytest.fixture
def fill(owner: User, tmp_path: Path) -> Callable[[str, str], str]:
    """Ids of real objects of the owner."""
    return make_everything(owner, tmp_path)


def _ask_all(client: Client, path: str, person: str) -> dict[str, int]:
    """Send every method; what comes to the API is well said, so that only the object can lack."""
    if not path.startswith("/api/"):
        return {one: client.generic(one, path, **TUS).status_code for one in METHODS}
    body = json.dumps({"name": "Mallory", "person": person})
    return {one: client.generic(one, path, body, JSON).status_code for one in METHODS}


@pytest.mark.parametrize("route", ROUTES_TO_OBJECTS, ids=lambda route: route.pattern)
def test_nothing_of_others_can_be_reached_by_its_id(
    route: Route, fill: Callable[[str, str], str], as_stranger: Client
) -> None:
    path = route.filled(fill)
    before = rows_of_everything()

    answers = _ask_all(as_stranger, path, fill("", "person_id"))

    assert set(answers.values()) <= {404, 405}, answers
    assert 404 in answers.values()
    assert rows_of_everything() == before


@pytest.mark.parametrize("route", ROUTES_TO_OBJECTS, ids=lambda route: route.pattern)
def test_the_owner_reaches_what_others_cannot(
    route: Route, fill: Callable[[str, str], str], as_owner: Client
) -> None:
    """Else the test above would prove nothing: an id that is nobody's is 404 for all."""
    path = route.filled(fill)

    answers = _ask_all(as_owner, path, fill("", "person_id"))

    assert set(answers.values()) - {404, 405}, answers


def test_a_member_manages_nobody(
    fill: Callable[[str, str], str], as_stranger: Client, owner: User
) -> None:
    before = rows_of_everything()

    for method in METHODS:
        answer = as_stranger.generic(method, f"/account/members/{owner.pk}/")
        assert answer.status_code in {403, 404, 405}

    assert rows_of_everything() == before


@pytest.mark.parametrize("pattern", LIVE_SOCKETS)
@pytest.mark.django_db(transaction=True)
async def test_a_live_socket_of_others_is_refused(
    pattern: str, fill: Callable[[str, str], str], as_stranger: Client
) -> None:
    path = "/" + pattern.replace("<uuid:session_id>", fill(pattern, "session_id"))
    socket = Socket(application, path, as_stranger)
    assert await socket.connect()
    told = await socket.receive_output(timeout=5)
    assert (told["type"], told["code"]) == ("websocket.close", 4404)
    await socket.disconnect()


@pytest.mark.parametrize(
    "path",
    [
        "/media/photos/",
        "/media/%2e%2e/encore.sqlite3",
        "/photos/..%2f..%2fencore.sqlite3",
        "/static/%2e%2e/secret-key",
        "/static/..%2fsecret-key",
    ],
)
def test_no_path_leads_to_files_of_the_data_folder(path: str, as_owner: Client) -> None:
    assert as_owner.get(path).status_code == 404


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.pattern or "home")
def test_head_is_answered_like_get_without_a_body(route: Route, as_owner: Client) -> None:
    asked = as_owner.get(route.path)
    told = as_owner.head(route.path)
    if route.path.startswith("/upload/tus/"):  # There HEAD asks how much has arrived.
        return
    assert told.status_code == asked.status_code
    assert b"".join(told) == b""


@pytest.mark.parametrize("path", ["/ws/nothing/", "/ws/", "/", "/ws/events/more"])
async def test_a_socket_to_an_unknown_path_is_refused_with_404(path: str) -> None:
    socket = Socket(application, path)
    await socket.send_input({"type": "websocket.connect"})
    answer = await socket.receive_output(timeout=5)
    assert (answer["type"], answer["status"]) == ("websocket.http.response.start", 404)
    await socket.wait()
