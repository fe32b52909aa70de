"""Addresses of the accounts app."""

from django.urls import path

from webapp.accounts.views import account, keys, oidc

app_name = "accounts"
urlpatterns = [
    path("setup/<str:token>/", account.setup, name="setup"),
    path("login/", account.SignIn.as_view(), name="login"),
    path("logout/", account.SignOut.as_view(), name="logout"),
    path("login/provider/", oidc.start, name="oidc-start"),
    path("login/provider/back/", oidc.callback, name="oidc-callback"),
    path("account/", account.account, name="account"),
    path("account/consent/", account.consent, name="consent"),
    path("account/zone/", account.zone, name="zone"),
    path("account/keys/", keys.keys, name="keys"),
    path("account/keys/<uuid:key_id>/revoke/", keys.revoke, name="key-revoke"),
    path("account/members/", account.members, name="members"),
    path("account/members/<int:user_id>/", account.member, name="member"),
    path("account/password/", account.PasswordChange.as_view(), name="password"),
]
