"""Pages of star packs: taking a group away as a file, and looking at one before it is taken in."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from webapp.accounts.asker import signed_in
from webapp.core.web.sending import send_content
from webapp.people.models import Group, PendingPack
from webapp.people.packs.form import MOST_BYTES
from webapp.people.packs.importing import Plan, keep_pack, plan_of, take_pack
from webapp.people.packs.reading import PackRefusedError, read_pack
from webapp.people.packs.writing import NoPackError, write_pack
from webapp.people.queries import groups_visible_to

KIND = "application/zip"


@require_safe
def export(request: HttpRequest, group_id: UUID) -> HttpResponseBase:
    """Send a group as a star pack, with small pictures of the faces if wished (``faces=1``)."""
    group = get_object_or_404(groups_visible_to(request.user), pk=group_id)
    try:
        content = write_pack(group, with_faces=request.GET.get("faces") == "1")
    except NoPackError as error:
        messages.error(request, str(error))
        return redirect("people:list")
    return send_content(content, KIND, attachment=pack_name(group))


def pack_name(group: Group) -> str:
    """Return what the file of a group is called."""
    return f"{group.name}.starpack.zip"


@require_http_methods(["GET", "HEAD", "POST"])
def bring(request: HttpRequest) -> HttpResponse:
    """Ask for a star pack, and show next what it would change."""
    if request.method != "POST":
        return render(request, "people/pack_bring.html", {"error": ""})
    user = signed_in(request)
    file = request.FILES.get("pack")
    try:
        pending = keep_pack(user.pk, file.read(MOST_BYTES + 1) if file is not None else b"")
    except PackRefusedError as error:
        return render(request, "people/pack_bring.html", {"error": str(error)}, status=400)
    return redirect("people:pack", pending.pk)


@require_safe
def pack(request: HttpRequest, pack_id: UUID) -> HttpResponse:
    """Say what a star pack would change."""
    pending = get_object_or_404(PendingPack, pk=pack_id, owner_id=request.user.pk)
    try:
        plan = plan_of(pending.owner_id, read_pack(bytes(pending.content)))
    except PackRefusedError as error:
        return render(request, "people/pack_bring.html", {"error": str(error)}, status=400)
    context = {"plan": plan, "pack": plan.read.pack, "pack_id": pack_id}
    return render(request, "people/pack.html", context)


@require_POST
def take(request: HttpRequest, pack_id: UUID) -> HttpResponse:
    """Take a star pack in."""
    try:
        plan = take_pack(signed_in(request).pk, pack_id)
    except PendingPack.DoesNotExist as error:
        raise Http404 from error
    except PackRefusedError as error:
        return render(request, "people/pack_bring.html", {"error": str(error)}, status=400)
    messages.success(request, _taken(plan))
    return redirect("people:list")


@require_POST
def leave(request: HttpRequest, pack_id: UUID) -> HttpResponse:
    """Do not take a star pack in; nothing of it stays."""
    get_object_or_404(PendingPack, pk=pack_id, owner_id=request.user.pk).delete()
    messages.success(request, gettext("Nothing of the star pack was taken in."))
    return redirect("people:list")


def _taken(plan: Plan) -> str:
    count = plan.new_references
    text = ngettext(
        "{group} is taken in: {count} new face. Your photos are being looked through.",
        "{group} is taken in: {count} new faces. Your photos are being looked through.",
        count,
    )
    return text.format(group=plan.read.pack.group.name, count=count)
