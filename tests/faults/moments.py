"""Moments that wait for their frames, as if a camera had filmed them."""

import base64

from tests.live import LiveEncore


def make_moments(encore: LiveEncore, moments: int, frames: int) -> list[str]:
    """Write moments as the engine's choices make them; returns their ids."""
    told = encore.python(
        "from webapp.accounts.models import User\n"
        "from webapp.accounts.services import give_consent\n"
        "from webapp.live.keeping import CameraTime, Filming\n"
        "from webapp.live.services import start_session\n"
        "from webapp.moments.capture import asking\n"
        "from webapp.people.services import ensure_person\n"
        "owner = User.objects.get()\n"
        "give_consent(owner)\n"
        "star = ensure_person(owner.pk, 'Minji')\n"
        "session = start_session(owner.pk, 'Front row', None)\n"
        f"for key in range({moments}):\n"
        "    frames = [dict(frame=10 * key + n, captured_at=66.0 * n, score=0.9 - 0.1 * n,\n"
        "        terms={}, reason='', box=(0, 0, 9, 9), width=64, height=36)\n"
        f"        for n in range({frames})]\n"
        "    chosen = dict(key=str(key), people=[dict(person=str(star.pk), name='Minji')],\n"
        "        frames=frames)\n"
        "    asked = asking.keep(Filming(owner.pk, session.pk), chosen, CameraTime(1e12))\n"
        "    print(asked['moment'])\n"
    )
    return told.split()


def said(**pairs: str) -> str:
    """Return what an upload says of itself (``Upload-Metadata``)."""
    return ",".join(f"{k} {base64.b64encode(v.encode()).decode()}" for k, v in pairs.items())
