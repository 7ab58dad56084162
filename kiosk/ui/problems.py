"""What the kiosk answers when it will not: problem documents (RFC 9457)."""

from typing import Any

from fastapi.responses import JSONResponse

from vision.errors import PictureUnreadableError


def problem(status: int, code: str, title: str, hint: str, **facts: Any) -> JSONResponse:  # noqa: ANN401 - facts are JSON
    """Return a problem document."""
    body = {"type": f"/errors#{code}", "title": title, "status": status, "code": code, "detail": title, "hint": hint}
    return JSONResponse({**body, **facts}, status_code=status, media_type="application/problem+json")


def picture_problem(refusal: PictureUnreadableError) -> JSONResponse:
    """Return why a picture was not looked at."""
    if refusal.reason in {"too_many_bytes", "too_many_pixels"}:
        return problem(413, "picture_too_large", "The picture is too large", str(refusal), reason=refusal.reason)
    return problem(422, "picture_unreadable", "This picture cannot be read", str(refusal), reason=refusal.reason)
