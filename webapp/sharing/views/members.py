"""Sharing a concert with people who have an account, and inviting those who have none."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from webapp.access import services
from webapp.access.models import Invitation, Role
from webapp.access.rights import ROLE_WORDS, members_of
from webapp.accounts.forms import NewUserForm
from webapp.accounts.models import User
from webapp.photos.models import Concert
from webapp.photos.queries import concerts_visible_to
from webapp.sharing.forms import InvitationForm, MemberForm

BACKEND = "django.contrib.auth.backends.ModelBackend"
MOST_LISTED = 50


@require_safe
def members(request: HttpRequest, concert_id: UUID) -> HttpResponse:
    """Show who sees a concert and by which links more may come."""
    concert = _own(request, concert_id)
    return _page(request, concert, MemberForm(concert=concert), InvitationForm())


@require_POST
def add(request: HttpRequest, concert_id: UUID) -> HttpResponse:
    """Share a concert with an account."""
    concert = _own(request, concert_id)
    form = MemberForm(request.POST, concert=concert)
    if not form.is_valid():
        return _page(request, concert, form, InvitationForm(), status=400)
    user = form.cleaned_data["user"]
    services.share_with(concert, user, Role(form.cleaned_data["role"]))
    messages.success(request, gettext("{name} sees this concert now.").format(name=user.username))
    return redirect("sharing:members", concert_id)


@require_POST
def change(request: HttpRequest, concert_id: UUID, user_id: int) -> HttpResponse:
    """Give a member another role (``role``), or none: then they see the concert no more."""
    concert = _own(request, concert_id)
    member = get_object_or_404(concert.members.select_related("user"), user_id=user_id)
    wanted = request.POST.get("role", "")
    if wanted not in {*Role.values, ""}:
        messages.error(request, gettext("There is no such role."))
        return redirect("sharing:members", concert_id)
    closed = services.set_role(member, Role(wanted) if wanted else None)
    text = gettext("{name} does not see this concert any more.")
    if wanted:
        text = gettext("The role is changed.")
    messages.success(request, text.format(name=member.user.username))
    if closed:
        messages.info(request, gettext("Invitations that would lead back are closed as well."))
    return redirect("sharing:members", concert_id)


@require_POST
def invite(request: HttpRequest, concert_id: UUID) -> HttpResponse:
    """Make an invitation; its secret is seen only on this page."""
    concert = _own(request, concert_id)
    form = InvitationForm(request.POST)
    if not form.is_valid():
        return _page(request, concert, MemberForm(concert=concert), form, status=400)
    wanted = form.cleaned_data
    _, token = services.invite(
        concert, Role(wanted["role"]), people=wanted["people"], days=wanted["days"]
    )
    link = request.build_absolute_uri(reverse("sharing:invitation", args=[token]))
    fresh = MemberForm(concert=concert)
    return _page(request, concert, fresh, InvitationForm(), link=link)


@require_POST
def revoke(request: HttpRequest, concert_id: UUID, invitation_id: UUID) -> HttpResponse:
    """Close an invitation; who has joined by it stays."""
    concert = _own(request, concert_id)
    services.revoke(get_object_or_404(concert.invitations, pk=invitation_id))
    messages.success(request, gettext("The invitation is closed. Nobody can join by it any more."))
    return redirect("sharing:members", concert_id)


@login_not_required
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Let somebody join a concert: with their account, or with a new one of their own making."""
    found = services.invitation_of(token)
    if found is None:
        return _closed(request)
    try:
        if isinstance(request.user, User):
            return _join(request, found, request.user)
        return _join_as_newcomer(request, found)
    except services.InvitationClosedError:
        return _closed(request)


def _join(request: HttpRequest, invitation: Invitation, user: User) -> HttpResponse:
    """Ask whether a signed-in user wants to join; the owner is there already."""
    concert = invitation.concert
    if request.method == "POST" or user.pk == concert.owner_id:
        if user.pk != concert.owner_id:
            services.accept(invitation, user)
        return redirect("analysis:concert", concert.pk)
    return render(request, "sharing/invitation.html", _about(invitation))


def _join_as_newcomer(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    """Ask for a name and a password, and sign in whoever has chosen them.

    Only an invitation of who may add members makes an account; others are for those who have one.
    """
    context = _about(invitation)
    if not invitation.concert.owner.is_staff:
        status = 403 if request.method == "POST" else 200
        return render(request, "sharing/invitation.html", context, status=status)
    form = NewUserForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        user = services.accept_as_newcomer(invitation, data["username"], data["password1"])
        login(request, user, backend=BACKEND)
        return redirect("analysis:concert", invitation.concert.pk)
    status = 400 if request.method == "POST" else 200
    return render(request, "sharing/invitation.html", {**context, "form": form}, status=status)


def _about(invitation: Invitation) -> dict[str, object]:
    role = Role(invitation.role)
    return {
        "concert": invitation.concert,
        "owner": invitation.concert.owner.username,
        "role": role.label,
        "words": ROLE_WORDS[role],
    }


def _closed(request: HttpRequest) -> HttpResponse:
    return render(request, "sharing/invitation_closed.html", status=404)


def _page(
    request: HttpRequest,
    concert: Concert,
    member_form: MemberForm,
    invitation_form: InvitationForm,
    *,
    link: str = "",
    status: int = 200,
) -> HttpResponse:
    invitations = concert.invitations.all()[:MOST_LISTED]
    context = {
        "concert": concert,
        "members": members_of(concert),
        "roles": [(role.value, role.label, ROLE_WORDS[role]) for role in Role],
        "member_form": member_form,
        "has_accounts": member_form.fields["user"].queryset.exists(),  # type: ignore[attr-defined]
        "invitation_form": invitation_form,
        "invitations": [one for one in invitations if one.is_open],
        "makes_accounts": request.user.is_staff,
        "link": link,
    }
    return render(request, "sharing/members.html", context, status=status)


def _own(request: HttpRequest, concert_id: UUID) -> Concert:
    return get_object_or_404(concerts_visible_to(request.user), pk=concert_id)
