"""`/docs`: every address with verb, fields, example and problems, as plain HTML that loads nothing from anywhere."""

import json
from base64 import b64encode
from collections.abc import Callable
from functools import cache
from hashlib import sha256
from html import escape
from typing import Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

Json = dict[str, Any]
"""A piece of an OpenAPI description."""

STYLE = """
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:0 auto;padding:1rem;color:#1d1d1f;background:#fff}
h2{margin-top:3rem;border-bottom:2px solid}
details{border:1px solid #bbb;border-radius:.5rem;margin:.5rem 0;padding:0 1rem}
summary{padding:.75rem 0;cursor:pointer;overflow-wrap:anywhere}code,pre{font:14px/1.5 ui-monospace,monospace}
pre{background:#f2f2f4;padding:.75rem;border-radius:.5rem;overflow-x:auto}b.verb{display:inline-block;min-width:4.5rem}
table{border-collapse:collapse;width:100%}td,th{text-align:left;vertical-align:top;padding:.25rem .75rem .25rem 0}
@media(prefers-color-scheme:dark){body{color:#eee;background:#111}pre{background:#222}a{color:#9cf}}
"""
POLICY = (
    f"default-src 'none'; style-src 'sha256-{b64encode(sha256(STYLE.encode()).digest()).decode()}'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def api_page(describe: Callable[[], Json]) -> APIRouter:
    """Return the route of the page; `describe` returns the description, which does not change while we run."""
    router = APIRouter(include_in_schema=False)

    @cache
    def drawn() -> str:
        return draw(describe())

    @router.get("/docs")
    async def docs() -> HTMLResponse:
        return HTMLResponse(drawn(), headers={"Content-Security-Policy": POLICY, "Cache-Control": "no-cache"})

    return router


def draw(description: Json) -> str:
    """Return the whole page."""
    by_tag: dict[str, list[str]] = {}
    for path, item in description["paths"].items():
        for verb, operation in item.items():
            section = by_tag.setdefault(operation.get("tags", ["other"])[0], [])
            section.append(_address(description, path, verb, operation))
    contents = "".join(
        f'<li><a href="#{escape(tag)}">{escape(tag)}</a> ({len(each)})</li>' for tag, each in by_tag.items()
    )
    sections = "".join(f'<h2 id="{escape(tag)}">{escape(tag)}</h2>{"".join(each)}' for tag, each in by_tag.items())
    title, words = escape(description["info"]["title"]), escape(description["info"]["description"])
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}: API</title>'
        f'<meta name="viewport" content="width=device-width,initial-scale=1"><style>{STYLE}</style></head><body>'
        f"<h1>{title}: API {escape(description['info']['version'])}</h1><p>{words}</p>"
        '<p><a href="/">All pages</a> · <a href="/errors">Every problem and the way out</a> · '
        '<a href="/openapi.json">The same for machines</a></p>'
        "<p>A token goes into <code>Authorization: Bearer …</code>. Where an <code>Idempotency-Key</code> is named, "
        "sending the same request again gets the first answer. Problems are RFC 9457 documents.</p>"
        f"<nav><ul>{contents}</ul></nav><main>{sections}</main></body></html>"
    )


def _address(description: Json, path: str, verb: str, operation: Json) -> str:
    words = escape(operation.get("description", ""))
    token = "<p>Needs a token.</p>" if operation.get("security") else ""
    rows = [
        (each["name"], each["in"], _type(each.get("schema", {})), bool(each.get("required")))
        for each in operation.get("parameters", ())
    ]
    body = ""
    for content in operation.get("requestBody", {}).get("content", {}).values():
        schema = _resolved(description, content["schema"])
        required = schema.get("required", ())
        rows += [(name, "body", _type(part), name in required) for name, part in schema.get("properties", {}).items()]
        shown = json.dumps(content.get("example"), ensure_ascii=False, indent=2)
        body += f"<h3>Example</h3><pre>{escape(shown)}</pre>"
    fields = "".join(
        f"<tr><td><code>{escape(name)}</code></td><td>{where}</td><td>{escape(kind)}</td>"
        f"<td>{'required' if needed else ''}</td></tr>"
        for name, where, kind, needed in rows
    )
    table = f"<table><tr><th>Field</th><th>in</th><th>what</th><th></th></tr>{fields}</table>" if fields else ""
    answers = "".join(
        f"<tr><td><code>{escape(status)}</code></td><td>{escape(answer['description'])}</td></tr>"
        for status, answer in operation["responses"].items()
    )
    return (
        f'<details id="{escape(operation["operationId"])}"><summary><b class="verb">{verb.upper()}</b>'
        f"<code>{escape(path)}</code></summary><p>{words}</p>{token}{table}{body}"
        f"<h3>Answers</h3><table>{answers}</table></details>"
    )


def _type(schema: Json) -> str:
    """Say in a few words what a field holds."""
    if (reference := schema.get("$ref")) is not None:
        return str(reference).rsplit("/", 1)[1]
    if "anyOf" in schema:
        return " or ".join(_type(each) for each in schema["anyOf"])
    if "enum" in schema:
        return " | ".join(str(each) for each in schema["enum"])
    bounds = {"minimum": "from", "maximum": "to", "minLength": "at least", "maxLength": "at most", "pattern": "like"}
    said = ", ".join(
        f"{word} {schema[key]:g}" if isinstance(schema[key], float) else f"{word} {schema[key]}"
        for key, word in bounds.items()
        if key in schema
    )
    kind = (
        f"list of {_type(schema.get('items', {}))}" if schema.get("type") == "array" else str(schema.get("type", "any"))
    )
    return f"{kind} ({said})" if said else kind


def _resolved(description: Json, schema: Json) -> Json:
    if (reference := schema.get("$ref")) is None:
        return schema
    found: Json = description["components"]["schemas"][reference.rsplit("/", 1)[1]]
    return found
