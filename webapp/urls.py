"""Every address of the site; each app adds its own ``urls`` when it has one."""

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path

APPS = (
    "core",
    "accounts",
    "photos",
    "folders",
    "people",
    "analysis",
    "live",
    "moments",
    "webhooks",
    "push",
    "sharing",
    "api",
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include(f"webapp.{app}.urls"))
    for app in APPS
    if find_spec(f"webapp.{app}.urls") is not None
]

handler400 = "webapp.core.web.views.bad_request"
handler403 = "webapp.core.web.views.forbidden"
handler404 = "webapp.core.web.views.not_found"
handler500 = "webapp.core.web.views.server_error"
