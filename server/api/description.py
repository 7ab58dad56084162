"""The description of the API: what FastAPI gathers, made true for problems and made useful by examples."""

from collections.abc import Callable, Container, Iterable, Mapping
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from server.api.access import table
from server.api.dependencies import KEY_LENGTH
from server.api.problem_rows import PROBLEMS

Json = dict[str, Any]
"""A piece of JSON; its keys are the OpenAPI specification's."""

VERBS = ("get", "put", "post", "patch", "delete")
PROBLEM = "application/problem+json"
PROBLEM_SCHEMA: Json = {
    "title": "Problem",
    "description": "What went wrong and the way out of it (RFC 9457).",
    "type": "object",
    "required": ["type", "title", "status", "code", "detail", "hint", "errors", "trace_id"],
    "properties": {
        "type": {"type": "string", "examples": ["/errors#basket_changed"]},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "detail": {"type": "string"},
        "hint": {"type": "string"},
        "errors": {"type": "array", "items": {"type": "object"}},
        "trace_id": {"type": "string"},
    },
}

FOR_ALL = ("internal",)
WITH_TOKEN = ("unauthorized", "forbidden_role")
WITH_BODY = ("malformed_json", "malformed_request", "body_too_large")
WITH_KEY = ("idempotency_key_missing", "idempotency_conflict", "idempotency_in_flight")

A_KEY: Json = {
    "required": True,
    "schema": {"type": "string", "minLength": 1, "maxLength": KEY_LENGTH, "pattern": "^[ -~]+$"},
    "example": "0b54c2f1-6a1e-4f0e-9d5c-8f3f2a9d7c11",
}
"""It is missed by us and not by FastAPI, so that the refusal says what to send."""

EXAMPLES: Mapping[str, object] = {
    "amount_minor": 718,
    "captures": 3,
    "code": "3017620422003",
    "country": "FR",
    "digest": "3d5e" * 16,
    "digits": "5678",
    "effect": {"kind": "amount", "value": 200},
    "ends_at": "2026-12-31T22:59:59Z",
    "expires_at": "2026-12-31T22:59:59Z",
    "face_key": "0f" * 16,
    "from_key_id": "0f" * 16,
    "key_id": "0f" * 16,
    "label": {"fr": "2 € offerts", "en": "€2 off", "zh": "减2欧元"},
    "locale": "fr",
    "login": "amal",
    "model_id": "sface-2021-12",
    "name": "Lina Durand",
    "opened_at": "2026-11-20T11:00:00Z",
    "payee": "Sésame Démo · Magasin 12",
    "phone": "+33199005678",
    "pin": "4071",
    "public_key": "A" * 43 + "=",
    "purpose": "face_payment",
    "sealed": "AAECAwQFBgcICQ==",
    "signature": "A" * 86 + "==",
    "since": "2026-11-20T11:00:00Z",
    "starts_at": "2026-11-20T00:00:00Z",
    "symbology": "ean13",
    "to_key_id": "f0" * 16,
    "version": "2026-11-1",
    "wallet_code": "12345678",
}
"""What a field of this name holds, where its type alone would say too little."""
AN_ID = "0b54c2f1-6a1e-4f0e-9d5c-8f3f2a9d7c11"


def install_description(app: FastAPI, routes: Iterable[object]) -> None:
    """Let `app.openapi()` (and so /openapi.json) return the description below, made once.

    Args:
        app: The application.
        routes: Its routes with their guards (`server.api.access`).
    """
    guests = {(row.path, row.method.lower()) for row in table(routes) if "guest" in row.roles}

    def describe() -> Json:
        if app.openapi_schema is None:
            gathered = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
            app.openapi_schema = described(gathered, guests)
        return app.openapi_schema

    app.openapi = describe  # type: ignore[method-assign] # FastAPI's documented way to give one's own


def described(gathered: Json, guests: Container[tuple[str, str]]) -> Json:
    """Return a description with the problems that are really answered, and an example for each body.

    Args:
        gathered: What FastAPI knows by itself.
        guests: Paths and verbs that let in whoever shows no token.
    """
    schemas = gathered.get("components", {}).get("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    schemas["Problem"] = PROBLEM_SCHEMA
    for path, verb, operation in operations(gathered):
        if (path, verb) in guests and "security" in operation:
            operation["security"].append({})
        for parameter in operation.get("parameters", ()):
            if parameter["name"] == "Idempotency-Key":
                parameter.update(A_KEY)
        operation["responses"].pop("422", None)
        operation["responses"] |= _problems(problems_of(operation))
        for content in operation.get("requestBody", {}).get("content", {}).values():
            content["example"] = example(content["schema"], schemas)
    return gathered


def operations(description: Json) -> list[tuple[str, str, Json]]:
    """Return (path, verb, operation) of every address, in the description's order."""
    return [(path, verb, item[verb]) for path, item in description["paths"].items() for verb in VERBS if verb in item]


def problems_of(operation: Json) -> list[str]:
    """Return the codes that any address of this shape may answer with; what its own rules add stands in its words."""
    needs_key = any(each["name"] == "Idempotency-Key" for each in operation.get("parameters", ()))
    return [
        *(WITH_TOKEN if operation.get("security") else ()),
        *(WITH_BODY if "requestBody" in operation else ("malformed_request",) if operation.get("parameters") else ()),
        *(WITH_KEY if needs_key else ()),
        *FOR_ALL,
    ]


def example(schema: Json, schemas: Json, name: str = "") -> object:
    """Return a value that fits a schema: its own, by the name of its field, else by its type and bounds."""
    schema = _plain(schema, schemas)
    if "example" in schema or "examples" in schema:
        return schema.get("example", schema.get("examples", [None])[0])
    if "const" in schema or "enum" in schema:
        return schema.get("const", schema.get("enum", [None])[0])
    kind = str(schema.get("type"))
    if name in EXAMPLES and isinstance(EXAMPLES[name], _FITS.get(kind, type(None))):
        return EXAMPLES[name]
    return _BY_TYPE.get(kind, _nothing)(schema, schemas, name)


_FITS: Mapping[str, type] = {"string": str, "integer": int, "object": dict}


def _plain(schema: Json, schemas: Json) -> Json:
    """Return a schema without a reference and without a choice: the first that is not null."""
    while "$ref" in schema or "anyOf" in schema:
        if "$ref" in schema:
            schema = schemas[schema["$ref"].rsplit("/", 1)[1]]
        else:
            schema = next(choice for choice in schema["anyOf"] if choice.get("type") != "null")
    return schema


def _object(schema: Json, schemas: Json, _name: str) -> object:
    return {field: example(part, schemas, field) for field, part in schema.get("properties", {}).items()}


def _text(schema: Json, _schemas: Json, name: str) -> object:
    if name.endswith("_id"):
        return AN_ID
    return "text"[: schema.get("maxLength", 4)].ljust(schema.get("minLength", 0), "t")


_BY_TYPE: Mapping[str, Callable[[Json, Json, str], object]] = {
    "object": _object,
    "array": lambda schema, schemas, name: [example(schema.get("items", {}), schemas, name.removesuffix("s"))],
    "string": _text,
    "integer": lambda schema, _schemas, _name: int(
        max(schema.get("minimum", 1), schema.get("exclusiveMinimum", 0) + 1)
    ),
    "number": lambda schema, _schemas, _name: float(min(schema.get("maximum", 0.5), 0.5)),
    "boolean": lambda _schema, _schemas, _name: True,
}


def _nothing(_schema: Json, _schemas: Json, _name: str) -> object:
    return None


def _problems(codes: list[str]) -> Json:
    by_status: dict[int, list[str]] = {}
    for code in codes:
        by_status.setdefault(PROBLEMS[code].status, []).append(code)
    answers: Json = {
        str(status): _problem("; ".join(f"{code}: {PROBLEMS[code].title}" for code in listed))
        for status, listed in sorted(by_status.items())
    }
    return answers | {"default": _problem("A rule of the shop says no; `code` names which, /errors lists them all.")}


def _problem(words: str) -> Json:
    return {"description": words, "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}}
