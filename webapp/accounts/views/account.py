"""Pages of the accounts app: set-up, sign-in, the account and its members."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, update_session_auth_hash
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.contrib.auth.views import LoginView, LogoutView, PasswordChangeView
from django.core.exceptions import NON_FIELD_ERRORS
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from webapp.accounts import lockout, services
from webapp.accounts.forms import ConsentForm, NewUserForm, ZoneForm
from webapp.accounts.models import Consent, User
from webapp.accounts.oidc.provider import is_configured
from webapp.accounts.signals import user_moved

BACKEND = "django.contrib.auth.backends.ModelBackend"


@login_not_required
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def setup(request: HttpRequest, token: str) -> HttpResponse:
    """Make the owner account by the one-time link that the first start prints."""
    if not services.is_setup_token(token):
        return _closed(request)
    form = NewUserForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            owner = services.create_owner(token, data["username"], data["password1"])
        except services.SetupClosedError:
            return _closed(request)
        login(request, owner, backend=BACKEND)
        return redirect("accounts:account")
    return render(request, "accounts/setup.html", {"form": form, "page_title": gettext("Welcome")})


def _closed(request: HttpRequest) -> HttpResponse:
    """Say why a set-up link leads nowhere any more."""
    has_owner = User.objects.filter(is_staff=True).exists()
    return render(request, "accounts/setup_closed.html", {"has_owner": has_owner}, status=404)


@method_decorator(sensitive_post_parameters(), name="dispatch")
class SignIn(LoginView):
    """Sign in; ``next`` is followed only within this site, and guessing gets slower."""

    template_name = "accounts/login.html"
    redirect_authenticated_user = True
    _attempt: lockout.Attempt

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Look at the password, unless this name has to wait here."""
        self._attempt = lockout.attempt(request, request.POST.get("username", ""))
        try:
            with lockout.turn(self._attempt):
                return super().post(request, *args, **kwargs)
        except lockout.MustWaitError as error:
            return lockout.refusal(request, error.seconds)

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        """Sign in, and know this browser from now on."""
        lockout.note_right(self._attempt)
        response = super().form_valid(form)
        lockout.remember_browser(response, self._attempt)
        return response

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        """Say that name or password is wrong, or how long to wait; an empty field is no guess."""
        is_guess = form.has_error(NON_FIELD_ERRORS)
        seconds = lockout.note_wrong(self._attempt) if is_guess else 0
        if seconds:
            return lockout.refusal(self.request, seconds)
        return super().form_invalid(form)

    def get_redirect_url(self, request: HttpRequest | None = None) -> str:
        """Return where ``next`` leads, if that is a plain path of this site."""
        target = super().get_redirect_url()
        return target if target.startswith("/") else ""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Say whether an owner exists, so that the page can point to the set-up link."""
        has_owner = User.objects.filter(is_staff=True).exists()
        provider_name = settings.OIDC_NAME if is_configured() else ""
        return super().get_context_data(
            page_title=gettext("Sign in"),
            has_owner=has_owner,
            provider_name=provider_name,
            **kwargs,
        )


class SignOut(LogoutView):
    """Sign out, by POST only; open sockets of the session end within seconds."""

    http_method_names = ["post", "options"]


@method_decorator(sensitive_post_parameters(), name="dispatch")
class PasswordChange(PasswordChangeView):
    """Change the password; every other session of the user ends."""

    template_name = "accounts/password.html"
    success_url = reverse_lazy("accounts:account")
    form_class = PasswordChangeForm
    _attempt: lockout.Attempt

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Look at the old password, unless this name has to wait here."""
        self._attempt = lockout.attempt(request, _user(request).username)
        try:
            with lockout.turn(self._attempt):
                return super().post(request, *args, **kwargs)
        except lockout.MustWaitError as error:
            return lockout.refusal(request, error.seconds)

    def form_invalid(self, form: PasswordChangeForm) -> HttpResponse:
        """Say what is wrong, or how long to wait; a new password that will not do is no guess."""
        is_guess = form.has_error("old_password", "password_incorrect")
        seconds = lockout.note_wrong(self._attempt) if is_guess else 0
        if seconds:
            return lockout.refusal(self.request, seconds)
        return super().form_invalid(form)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Name the page."""
        return super().get_context_data(page_title=gettext("Change password"), **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        """Keep this session and say that it worked."""
        lockout.note_right(self._attempt)
        response = super().form_valid(form)
        update_session_auth_hash(self.request, form.user)
        messages.success(self.request, gettext("Your password was changed."))
        return response


def account(request: HttpRequest) -> HttpResponse:
    """Show the account, the consent switch and, to the owner, the members."""
    return _account_page(request, NewUserForm() if request.user.is_staff else None)


@require_POST
def consent(request: HttpRequest) -> HttpResponse:
    """Give consent to face embeddings or take it back, for the past as well if so wished."""
    user = _user(request)
    form = ConsentForm(request.POST)
    if form.is_valid() and form.cleaned_data["agree"]:
        services.give_consent(user)
        messages.success(
            request, gettext("Thank you. New photos will be searched for faces you know.")
        )
    elif form.is_valid() and form.cleaned_data["existing"] == ConsentForm.ERASE:
        services.withdraw_consent_and_erase(user)
        messages.success(
            request, gettext("Consent taken back. All names and embeddings were deleted.")
        )
    else:
        services.withdraw_consent(user)
        messages.success(
            request,
            gettext("Consent taken back. No further face is recognised; what was known stays."),
        )
    return redirect("accounts:account")


@require_POST
def zone(request: HttpRequest) -> HttpResponse:
    """Say where the user lives; times follow."""
    form = ZoneForm(request.POST)
    if form.is_valid():
        user_moved.send(_user(request).pk, form.cleaned_data["time_zone"])
        messages.success(request, gettext("Times are shown in this zone now."))
    return redirect("accounts:account")


@sensitive_post_parameters()
@require_POST
def members(request: HttpRequest) -> HttpResponse:
    """Add a member; only the owner may."""
    if not request.user.is_staff:
        raise Http404
    form = NewUserForm(request.POST)
    if not form.is_valid():
        return _account_page(request, form, status=400)
    services.add_member(form.cleaned_data["username"], form.cleaned_data["password1"])
    messages.success(request, gettext("The member was added and can sign in now."))
    return redirect("accounts:account")


@require_POST
def member(request: HttpRequest, user_id: int) -> HttpResponse:
    """Let a member in again or keep them out; only the owner may."""
    if not request.user.is_staff:
        raise Http404
    person = get_object_or_404(User, pk=user_id, is_staff=False)
    services.set_active(person, active=request.POST.get("active") == "true")
    return redirect("accounts:account")


def _account_page(
    request: HttpRequest, form: NewUserForm | None, status: int = 200
) -> HttpResponse:
    given = Consent.objects.filter(user=_user(request)).first()
    context = {
        "page_title": gettext("Account"),
        "consent": given,
        "consent_version": services.CONSENT_VERSION,
        "form": ConsentForm(initial={"agree": given is not None}),
        "zone_form": ZoneForm(initial={"time_zone": timezone.get_current_timezone_name()}),
        "member_form": form,
        "members": User.objects.order_by("username") if request.user.is_staff else (),
    }
    return render(request, "accounts/account.html", context, status=status)


def _user(request: HttpRequest) -> User:
    """Return the signed-in user; every view here is behind ``SignInRequiredMiddleware``."""
    user = request.user
    if not isinstance(user, User):
        raise Http404
    return user
