"""Errors as ``application/problem+json`` (RFC 9457): one shape, whoever has refused."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from ninja import Schema

CONTENT_TYPE = "application/problem+json"
_SENTENCES = {
    400: "The request cannot be understood.",
    401: "Sign in, or send a key that works as Authorization: Bearer.",
    403: "This is not allowed.",
    404: "There is nothing here, or nothing of yours.",
    405: "This address does not take that method.",
    500: "Something broke here. It is not your fault.",
}


class FieldProblem(Schema):
    """What is wrong with one part of a request.

    Attributes:
        field: Where, such as ``query.limit``.
        message: What, in words.
    """

    field: str
    message: str


class Problem(Schema):
    """Why a request was refused.

    Attributes:
        type: Always ``about:blank``; ``status`` tells the kind.
        title: The status in words.
        status: The status of the answer.
        detail: The reason, as a sentence.
        errors: What is wrong with which part, where that is known.
    """

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    errors: list[FieldProblem] = []


class ProblemError(Exception):
    """A refusal that becomes a problem answer.

    Args:
        status: Of the answer.
        detail: The reason, for whoever reads it.
        headers: More headers, such as ``Retry-After``.
    """

    def __init__(self, status: int, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = dict(headers or {})


def problem(
    status: int,
    detail: str = "",
    headers: Mapping[str, str] | None = None,
    errors: list[FieldProblem] | None = None,
) -> HttpResponse:
    """Return a problem answer; without a detail the usual sentence of its status."""
    title = HTTPStatus(status).phrase
    body = Problem(
        title=title,
        status=status,
        detail=detail or _SENTENCES.get(status, title),
        errors=errors or [],
    )
    answer = HttpResponse(body.model_dump_json(), status=status, content_type=CONTENT_TYPE)
    for name, value in (headers or {}).items():
        answer.headers[name] = value
    return answer


def as_problem(response: HttpResponseBase) -> HttpResponseBase:
    """Return an error that another part of the site has answered in the shape of this one.

    The protection of forms, the database that is away and unknown addresses answer in words for
    pages and scripts; their status, sentence and headers stay.
    """
    said = response.headers.get("Content-Type", "")
    if response.status_code < HTTPStatus.BAD_REQUEST or said.startswith(CONTENT_TYPE):
        return response
    kept = {
        name: response.headers[name]
        for name in ("Allow", "Retry-After")
        if name in response.headers
    }
    return problem(response.status_code, _sentence_of(response), kept)


def _sentence_of(response: HttpResponseBase) -> str:
    if not isinstance(response, HttpResponse) or "json" not in response.headers["Content-Type"]:
        return ""
    told: Any = json.loads(response.content)
    return str(told.get("error", "")) if isinstance(told, dict) else ""


def of_validation(errors: list[dict[str, Any]]) -> HttpResponse:
    """Say which parts of a request are wrong; what was sent is not repeated."""
    found = [
        FieldProblem(field=".".join(map(str, error["loc"])), message=str(error["msg"]))
        for error in errors
    ]
    detail = "; ".join(f"{one.field}: {one.message}" for one in found[:3])
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, detail, errors=found)


def refuse(request: HttpRequest, error: ProblemError) -> HttpResponse:
    """Return the answer of a refusal."""
    return problem(error.status, error.detail, error.headers)
