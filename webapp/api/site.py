"""The API as one object: its routes, how errors look, and the schema that describes both."""

from http import HTTPStatus
from typing import Any

from django.core.exceptions import BadRequest, PermissionDenied, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from webapp.api import problems
from webapp.api.middleware import ROOT
from webapp.api.problems import Problem, ProblemError, problem
from webapp.api.routes import (
    concerts,
    faces,
    groups,
    jobs,
    moments,
    packs,
    people,
    photos,
    predictions,
    session,
    statistics,
    timelines,
    videos,
)
from webapp.core.server import bodies
from webapp.core.web.paging import BadQueryError
from webapp.people.names import PeopleError
from webapp.uploads.tus import UploadRefusedError

VERSION = "1.0"
DESCRIPTION = (
    "Everything here is yours only: what belongs to somebody else answers 404. Send a key of your "
    "account page as `Authorization: Bearer encore_…`."
)
ALWAYS_POSSIBLE = (400, 401, 403, 404, 408, 413, 422, 429, 503, 507)


class EncoreAPI(NinjaAPI):
    """The API, whose schema also tells how it refuses."""

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> Any:
        """Return the schema with the refusals that every address may answer with."""
        prefix = ROOT if path_prefix is None else path_prefix
        schema = super().get_openapi_schema(path_prefix=prefix, path_params=path_params)
        schema["components"]["schemas"].update(_problem_schemas())
        body = {"$ref": "#/components/schemas/Problem"}
        refusals = {
            status: {
                "description": HTTPStatus(status).phrase,
                "content": {problems.CONTENT_TYPE: {"schema": body}},
            }
            for status in ALWAYS_POSSIBLE
        }
        scopes = self._scopes()
        for operations in schema["paths"].values():
            for operation in operations.values():
                operation["responses"] = {**refusals, **operation["responses"]}
                operation["x-scope"] = scopes[operation["operationId"]]
        return schema

    def _scopes(self) -> dict[str | None, str]:
        """Return what a key needs for each operation."""
        return {
            operation.operation_id: getattr(operation.auth_callbacks[0], "scope", "")
            for router in self._get_bound_routers()
            for view in router.path_operations.values()
            for operation in view.operations
        }


def _problem_schemas() -> dict[str, Any]:
    shape = Problem.model_json_schema(
        mode="serialization", ref_template="#/components/schemas/{model}"
    )
    return {**shape.pop("$defs", {}), "Problem": shape}


api = EncoreAPI(
    title="Encore",
    version=VERSION,
    description=DESCRIPTION,
    urls_namespace="v1",
    docs_url=None,
    openapi_url="/openapi.json",
)
for _room, _routes in (
    ("me", session),
    ("predict", predictions),
    ("photos", photos),
    ("faces", faces),
    ("people", people),
    ("groups", groups),
    ("packs", packs),
    ("concerts", concerts),
    ("moments", moments),
    ("videos", videos),
    ("timelines", timelines),
    ("statistics", statistics),
    ("jobs", jobs),
):
    api.add_router("", _routes.router, tags=[_room])


@api.exception_handler(ProblemError)
def _refused(request: HttpRequest, error: ProblemError) -> HttpResponse:
    return problems.refuse(request, error)


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    return problems.of_validation(error.errors)


@api.exception_handler(HttpError)
def _refused_by_framework(request: HttpRequest, error: HttpError) -> HttpResponse:
    return problem(error.status_code, str(error))


@api.exception_handler(Http404)
def _missing(request: HttpRequest, error: Http404) -> HttpResponse:
    return problem(404)


@api.exception_handler(PermissionDenied)
def _denied(request: HttpRequest, error: PermissionDenied) -> HttpResponse:
    return problem(403)


@api.exception_handler(BadQueryError)
@api.exception_handler(PeopleError)
def _makes_no_sense(request: HttpRequest, error: Exception) -> HttpResponse:
    return problem(400, str(error))


@api.exception_handler(UploadRefusedError)
def _upload_refused(request: HttpRequest, error: UploadRefusedError) -> HttpResponse:
    return problem(error.status, error.reason, error.headers)


@api.exception_handler(BadRequest)
@api.exception_handler(SuspiciousOperation)
@api.exception_handler(MultiPartParserError)
def _broken_request(request: HttpRequest, error: Exception) -> HttpResponse:
    return problem(400)


@api.exception_handler(UnreadablePostError)
def _unreadable(request: HttpRequest, error: UnreadablePostError) -> HttpResponse:
    """Say why a body did not arrive."""
    if isinstance(error.__cause__, bodies.BodyTooLargeError):
        return problem(413, "That is more than this server takes at once.")
    if isinstance(error.__cause__, bodies.BodyTooSlowError):
        return problem(408, "The bytes came too slowly.")
    return problem(400, "The connection was lost.")
