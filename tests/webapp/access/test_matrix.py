"""The table of roles, on real things of somebody else."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client

from tests.factories import make_user
from tests.sockets import Socket
from tests.webapp.access import matrix
from tests.webapp.belongings import make_everything
from webapp.accounts.models import User
from webapp.asgi import application
from webapp.core.events.sockets import websocket_urlpatterns
from webapp.photos.models import Concert

LIVE_SOCKETS = [
    str(pattern.pattern)
    for pattern in websocket_urlpatterns()
    if "session_id" in str(pattern.pattern)
]


def _signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def users(owner: User, member: User) -> dict[str, User]:
    return {
        "owner": owner,
        "member": member,
        "fan": make_user("fan"),
        "curator": make_user("curator"),
    }


@pytest.fixture
def fill(owner: User, users: dict[str, User], tmp_path: Path) -> Callable[[str, str], str]:
    """Ids of the owner's things, all of them of one concert that is shared."""
    fill = make_everything(owner, tmp_path)
    concert = Concert.objects.get(pk=fill("", "concert_id"))
    matrix.share_everything(owner, concert)
    matrix.give_roles(concert, users)
    return fill


def test_every_address_is_open_to_the_roles_that_the_table_says(
    users: dict[str, User], fill: Callable[[str, str], str]
) -> None:
    clients = {role: _signed_in(user) for role, user in users.items()} | {"nobody": Client()}

    found = matrix.rows(clients, fill)

    for row in found:
        assert not row.reached_by & {"member", "nobody"}, row
        assert "owner" in row.reached_by, row
        assert "fan" not in row.reached_by or "curator" in row.reached_by, row
    if os.environ.get("ENCORE_WRITE_ROLES") == "1":
        matrix.FILE.write_text(matrix.written(found))
    assert matrix.FILE.read_text() == matrix.written(found), "see the top of matrix.py"


@pytest.mark.parametrize("pattern", LIVE_SOCKETS)
@pytest.mark.parametrize("role", ["fan", "curator"])
@pytest.mark.django_db(transaction=True)
async def test_a_live_socket_stays_its_owners(
    pattern: str, role: str, users: dict[str, User], fill: Callable[[str, str], str]
) -> None:
    path = "/" + pattern.replace("<uuid:session_id>", fill(pattern, "session_id"))
    client = Client()
    await client.aforce_login(users[role], backend="django.contrib.auth.backends.ModelBackend")
    socket = Socket(application, path, client)
    assert await socket.connect()
    told = await socket.receive_output(timeout=5)
    assert (told["type"], told["code"]) == ("websocket.close", 4404)
    await socket.disconnect()
