"""Naming the faces of many photos at once."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext

from webapp.accounts.models import User
from webapp.analysis import services
from webapp.analysis.names import naming_many
from webapp.people.names import PeopleError
from webapp.photos.queries import photos_visible_to
from webapp.photos.views.selected import counted, on_chosen, refused, told


@on_chosen("photos", photos_visible_to)
def name(request: HttpRequest, user: User, ids: list[UUID]) -> HttpResponse:
    """Give one name (``name``) to the one face without a name on each photo."""
    faces = naming_many.only_unnamed_faces(ids)
    if not faces:
        return refused(gettext("None of these photos has just one face without a name."))
    try:
        person = services.name_faces(faces, request.POST.get("name", "")).person
    except PeopleError as error:
        return refused(str(error))
    except services.FaceGoneError as error:
        raise Http404 from error
    others = len(ids) - len(faces)
    rest = gettext(" %(others)s stayed as before.") % {"others": counted(others)} if others else ""
    return told(
        len(faces),
        gettext("%(faces)s named %(name)s.%(rest)s")
        % {"faces": counted(len(faces)), "name": person.name, "rest": rest},
    )
