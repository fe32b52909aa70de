"""Pages of the people app: who can be recognised, and changes to their names and references."""

from uuid import UUID

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from webapp.access.rights import Asker, Right
from webapp.accounts.queries import has_consent
from webapp.people import services
from webapp.people.aliases import set_aliases
from webapp.people.answers import done, refused
from webapp.people.gallery.setting_aside import keep
from webapp.people.models import Person, Reference
from webapp.people.names import PeopleError
from webapp.people.queries import (
    groups_visible_to,
    people_called_like,
    people_visible_to,
    references_visible_to,
    with_counts,
)
from webapp.people.storage import crop_path
from webapp.photos.queries import photos_visible_to

NO_STORE = "private, no-store"


@require_safe
def people_list(request: HttpRequest) -> HttpResponse:
    """Show everybody, by group; each with a picture and counts."""
    people = with_counts(people_visible_to(request.user))
    groups = list(groups_visible_to(request.user))
    for group in groups:
        group.members = [one for one in people if one.group_id == group.pk]  # type: ignore[attr-defined]
    context = {
        "page_title": gettext("People"),
        "groups": groups,
        "ungrouped": [one for one in people if one.group_id is None],
        "has_consent": has_consent(request.user.pk or 0),
    }
    return render(request, "people/list.html", context)


@require_safe
def suggest(request: HttpRequest) -> JsonResponse:
    """Return a few people whose name fits what is being typed.

    For a face of ``photo`` they are those of its owner, to whom who may name it.
    """
    asker: Asker = request.user
    if raw := request.GET.get("photo"):
        try:
            photos = photos_visible_to(asker, Right.NAME).select_related("owner")
            asker = get_object_or_404(photos, pk=UUID(raw)).owner
        except ValueError as error:
            raise Http404 from error
    found = people_called_like(asker, request.GET.get("q", "")[:100])
    return JsonResponse({"people": [_suggested(one) for one in found]})


def _suggested(person: Person) -> dict[str, str]:
    """Return somebody as a list of suggestions shows them: ``name`` is taken, ``label`` shown."""
    aliases = ", ".join(alias.name for alias in person.aliases.all())
    return {
        "id": str(person.pk),
        "name": person.name,
        "group": person.group.name if person.group else "",
        "label": f"{person.name} ({aliases})" if aliases else person.name,
    }


@require_POST
def rename(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """Change what a person is called: ``name``, ``group``, ``aliases``; what is not sent stays."""
    person = get_object_or_404(people_visible_to(request.user), pk=person_id)
    page = reverse("analysis:person", args=[person_id])
    present = person.group.name if person.group else ""
    wanted = request.POST
    try:
        with transaction.atomic():
            person = services.rename_person(
                person, wanted.get("name", person.name), wanted.get("group", present)
            )
            if "aliases" in wanted:
                set_aliases(person, wanted["aliases"])
    except PeopleError as error:
        return refused(request, str(error), back_to=page)
    named = {
        "name": person.name,
        "group": person.group.name if person.group else "",
        "aliases": [alias.name for alias in person.aliases.all()],
    }
    return done(request, named, back_to=page, message=gettext("Saved."))


@require_POST
def rename_group(request: HttpRequest, group_id: UUID) -> HttpResponse:
    """Change the name of a group, its ``colour`` and ``credits``; what is not sent stays."""
    group = get_object_or_404(groups_visible_to(request.user), pk=group_id)
    told = request.POST
    try:
        group = services.rename_group(
            group,
            told.get("name", ""),
            colour=told.get("colour"),
            credits=told.get("credits"),
        )
    except PeopleError as error:
        return refused(request, str(error), back_to=reverse("people:list"))
    return done(
        request, {"name": group.name}, back_to=reverse("people:list"), message=gettext("Saved.")
    )


@require_POST
def delete_group(request: HttpRequest, group_id: UUID) -> HttpResponse:
    """Delete a group; its people stay."""
    group = get_object_or_404(groups_visible_to(request.user), pk=group_id)
    try:
        services.remove_group(group)
    except PeopleError as error:
        return refused(request, str(error), back_to=reverse("people:list"))
    return done(
        request,
        {},
        back_to=reverse("people:list"),
        message=gettext("The group %(name)s is gone.") % {"name": group.name},
    )


@require_safe
def reference_crop(request: HttpRequest, reference_id: UUID) -> HttpResponse:
    """Send the picture of a reference to its owner, and to the curators of its concert."""
    references = references_visible_to(request.user, Right.NAME)
    reference = get_object_or_404(references, pk=reference_id)
    path = crop_path(reference.owner_id, reference.pk)
    if path.is_symlink() or not path.is_file():
        raise Http404
    response = HttpResponse(path.read_bytes(), content_type="image/jpeg")
    response.headers["Cache-Control"] = NO_STORE
    return response


@require_POST
def delete_reference(request: HttpRequest, reference_id: UUID) -> HttpResponse:
    """Delete a reference; the person stays, and the face it came from keeps its name."""
    references = references_visible_to(request.user, Right.NAME)
    reference = get_object_or_404(references, pk=reference_id)
    page = _page_of(request, reference)
    services.remove_references(references.filter(pk=reference_id))
    return done(request, {}, back_to=page, message=gettext("The reference is deleted."))


@require_POST
def keep_reference(request: HttpRequest, reference_id: UUID) -> HttpResponse:
    """Use a reference again that was set aside, for good."""
    references = references_visible_to(request.user, Right.NAME)
    reference = get_object_or_404(references, pk=reference_id)
    page = _page_of(request, reference)
    keep(reference)
    return done(request, {}, back_to=page, message=gettext("The reference is used again."))


@require_POST
def set_era(request: HttpRequest, reference_id: UUID) -> HttpResponse:
    """Say of which time or look a reference is (``era``); the person's page groups by it."""
    reference = get_object_or_404(references_visible_to(request.user), pk=reference_id)
    page = reverse("analysis:person", args=[reference.person_id])
    try:
        services.set_era(reference, request.POST.get("era", ""))
    except PeopleError as error:
        return refused(request, str(error), back_to=page)
    return done(request, {}, back_to=page, message=gettext("Saved."))


@require_POST
def choose_cover(request: HttpRequest, reference_id: UUID) -> HttpResponse:
    """Let a reference stand for its person."""
    reference = get_object_or_404(references_visible_to(request.user), pk=reference_id)
    page = reverse("analysis:person", args=[reference.person_id])
    services.choose_cover(reference)
    return done(request, {}, back_to=page, message=gettext("This is the cover now."))


def _page_of(request: HttpRequest, reference: Reference) -> str:
    """Return where a reference is looked at: its person's page, or a curator's photo."""
    if reference.owner_id != request.user.pk:
        return reverse("analysis:photo", args=[reference.photo_id])
    return reverse("analysis:person", args=[reference.person_id])
