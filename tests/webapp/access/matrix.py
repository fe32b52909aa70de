"""Who reaches what: every address is asked by everybody, on real things of a shared concert.

``ENCORE_WRITE_ROLES=1 pytest tests/webapp/access/test_matrix.py`` writes ``docs/roles.md`` anew.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from django.db import transaction
from django.test import Client

from tests.webapp.routes import Route, every_route
from webapp.access.models import Role
from webapp.access.services import share_with
from webapp.accounts.models import User
from webapp.live.models import LiveSession
from webapp.moments.models import Moment, Video
from webapp.people.models import Reference
from webapp.photos import counts
from webapp.photos.models import Concert, Photo

FILE = Path(__file__).resolve().parents[3] / "docs" / "roles.md"
ROLES = ("fan", "curator", "member", "nobody", "owner")
"""Who asks, in this order: its owner last, who may delete what is asked for."""
SHOWN = ("owner", "curator", "fan", "member", "nobody")
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
REFUSED = {401, 403, 404, 405}
TUS = {"HTTP_TUS_RESUMABLE": "1.0.0", "content_type": "application/offset+octet-stream"}
HEAD = """\
# Roles

Everything has one owner. A concert can be shared (*Share with people* on its page) with accounts
of the site, or by an invitation. What belongs to no concert, or to one that is not shared, is its
owner's alone. `webapp/access/rights.py` is the one place that decides.

- A **fan** looks, likes and downloads.
- A **curator** also says who is shown: names, references made of these photos, corrections. Names
  go to the stars of the owner, whose consent to face recognition holds.
- The **owner** does everything else. To a member who is removed all is closed at once, and so are
  the open invitations, as the member may have one, also where the account is locked out; a curator
  who becomes a fan closes those to curators.

The table is written by a test that asks every address as each of them, for real things of a shared
concert (`tests/webapp/access/matrix.py`). Addresses that name nothing show everybody their own and
are not in it. *Member* is an account that the concert is not shared with.

"""


@dataclass(frozen=True, slots=True)
class Row:
    """Who reaches one address by one method."""

    method: str
    pattern: str
    reached_by: frozenset[str]


def routes_to_things() -> list[Route]:
    """Return the addresses that name something of a user, but those of accounts themselves."""
    return [
        route
        for route in every_route()
        if "_id>" in route.pattern and not route.pattern.startswith("account/")
    ]


def share_everything(owner: User, concert: Concert) -> None:
    """Let everything of a user belong to one concert."""
    Photo.objects.filter(owner=owner).update(concert=concert)
    counts.changed(Photo.objects.filter(owner=owner).values_list("pk", flat=True))
    for model in (Moment, Video, LiveSession):
        model._default_manager.filter(owner=owner).update(concert=concert)
    photo = Photo.objects.filter(owner=owner, shelf=Photo.Shelf.LIBRARY).first()
    Reference.objects.filter(owner=owner).update(photo=photo)


def give_roles(concert: Concert, users: dict[str, User]) -> None:
    """Make the fan and the curator what they are called."""
    share_with(concert, users["fan"], Role.FAN)
    share_with(concert, users["curator"], Role.CURATOR)


def rows(clients: dict[str, Client], fill: Callable[[str, str], str]) -> list[Row]:
    """Ask every address as everybody; what a request has changed is taken back."""
    found = []
    for route in routes_to_things():
        path = route.filled(fill)
        for method in METHODS:
            reached = {role for role in ROLES if _reaches(clients[role], method, path, fill)}
            if reached:
                found.append(Row(method, route.pattern, frozenset(reached)))
    return found


def _reaches(client: Client, method: str, path: str, fill: Callable[[str, str], str]) -> bool:
    with transaction.atomic():
        if path.startswith("/api/"):
            body = json.dumps({"name": "Lisa", "person": fill("", "person_id")})
            answer = client.generic(method, path, body, "application/json")
        else:
            answer = client.generic(method, path, **TUS)
        b"".join(answer)  # type: ignore[arg-type]
        leads_to = answer.headers.get("Location", "")
        transaction.set_rollback(True)
    return answer.status_code not in REFUSED and not leads_to.startswith("/login/")


def written(found: Iterable[Row]) -> str:
    """Return the page with the table."""
    lines = ["| address | " + " | ".join(SHOWN) + " |", "|---" * (len(SHOWN) + 1) + "|"]
    for row in found:
        cells = ["yes" if role in row.reached_by else "–" for role in SHOWN]
        pattern = row.pattern.replace("|", "\\|")
        lines.append(f"| {row.method} `/{pattern}` | " + " | ".join(cells) + " |")
    return HEAD + "\n".join(lines) + "\n\n" + SOCKETS


SOCKETS = """\
Sockets: those of a live session (camera, viewers) are its owner's alone, whoever sees its concert;
`/ws/events/` tells everybody of their own things, and fans and curators of photos, moments, videos
and new names that they may see. Both are tested beside the table.
"""
