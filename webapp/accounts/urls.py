"""Addresses of the accounts app."""

from django.urls import path

from webapp.accounts import key_views, views

app_name = "accounts"
urlpatterns = [
    path("setup/<str:token>/", views.setup, name="setup"),
    path("login/", views.SignIn.as_view(), name="login"),
    path("logout/", views.SignOut.as_view(), name="logout"),
    path("account/", views.account, name="account"),
    path("account/consent/", views.consent, name="consent"),
    path("account/zone/", views.zone, name="zone"),
    path("account/keys/", key_views.keys, name="keys"),
    path("account/keys/<uuid:key_id>/revoke/", key_views.revoke, name="key-revoke"),
    path("account/members/", views.members, name="members"),
    path("account/members/<int:user_id>/", views.member, name="member"),
    path("account/password/", views.PasswordChange.as_view(), name="password"),
]
