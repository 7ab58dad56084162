"""Staff prove who they are with two factors, see where they are signed in, and lose all of it when an admin says so."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyotp
import pytest
from httpx import Response

from server.db.database import Database
from server.flows.ports.proofs import Session, StaffMember
from server.flows.tokens import token_hash
from tests.server.apps import Shopfront, open_shopfront
from tests.server.builders import NOON
from tests.server.people.authenticator import Authenticator
from tests.server.people.builders import CHEAP, some_people

ADMIN = "admin-token-of-the-tests"
RIGHT = "right"
SITE = ("http://store", "store")
pytestmark = pytest.mark.anyio


@asynccontextmanager
async def at_work(database: Database, folder: Path, *, required: bool = True) -> AsyncIterator[Shopfront]:
    """Open a shop where Amal works, with a password, and an admin is signed in."""
    database.write(lambda work: work.staff.put(StaffMember("amal", "Amal", CHEAP.hasher.hash(RIGHT), ROLES)))
    session = Session("staff", "ada", ("admin",), NOON.replace(year=NOON.year + 50), "ada-1", NOON)
    database.write(lambda work: work.sessions.open(token_hash(ADMIN), session))
    async with open_shopfront(database.engine.url.render_as_string(hide_password=False), folder) as front:
        house = front.house
        house.people = some_people()
        if required:
            house.settings = house.settings.model_copy(update={"staff_second_factor": "required"})
        yield front


ROLES = ("staff_assist", "staff_manager")


async def enter(front: Shopfront, code: str | None = None, word: str = RIGHT) -> Response:
    body = {"login": "amal", "password": word} | ({} if code is None else {"code": code})
    return await front.ask("POST", "/v1/staff/sessions", body, token=None)


def code_of(answer: Response) -> str:
    code: str = answer.json()["code"]
    return code


async def with_app(front: Shopfront) -> tuple[pyotp.TOTP, dict[str, Any]]:
    """Sign in with the password and add an authenticator app; return the app and the new session."""
    token = (await enter(front)).json()["token"]
    secret = (await front.ask("POST", "/v1/staff/totp", token=token)).json()["secret"]
    app = pyotp.TOTP(secret)
    confirmed = await front.ask("POST", "/v1/staff/totp:confirm", {"code": app.now()}, token=token)
    assert confirmed.status_code == 201, confirmed.text
    return app, confirmed.json()


def later(app: pyotp.TOTP, steps: int = 1) -> str:
    """Return the code of a later step, within the half minute that clocks may differ by."""
    return app.at(datetime.now().astimezone() + timedelta(seconds=30 * steps))


async def test_a_password_alone_only_adds_a_factor_when_one_is_required(database: Database, tmp_path: Path) -> None:
    async with at_work(database, tmp_path) as front:
        entered = (await enter(front)).json()

        board = await front.ask("GET", "/v1/kiosks", token=entered["token"])
        stream = await front.ask("GET", "/v1/stores/demo/events", token=entered["token"])
        mine = await front.ask("GET", "/v1/staff/me", token=entered["token"])

    assert (entered["roles"], entered["must_enrol"], entered["factor"]) == ([], True, "password")
    assert [code_of(board), code_of(stream)] == ["forbidden_role", "forbidden_role"]
    assert (mine.status_code, mine.json()["totp"]) == (200, False)


async def test_the_app_is_asked_for_when_it_was_added(database: Database, tmp_path: Path) -> None:
    async with at_work(database, tmp_path) as front:
        app, first = await with_app(front)

        without = await enter(front)
        with_code = await enter(front, later(app))

        board = await front.ask("GET", "/v1/kiosks", token=with_code.json()["token"])
    assert (first["roles"], first["factor"], len(first["recovery_codes"])) == (list(ROLES), "totp", 10)
    assert (without.status_code, code_of(without), without.json()["methods"]) == (401, "second_factor_needed", ["totp"])
    assert (with_code.status_code, with_code.json()["factor"]) == (201, "totp")
    assert board.status_code == 200


async def test_a_code_counts_once_when_it_is_shown_again(database: Database, tmp_path: Path) -> None:
    async with at_work(database, tmp_path) as front:
        app, _ = await with_app(front)
        code = later(app)
        first = await enter(front, code)

        again = await enter(front, code)

    assert first.status_code == 201
    assert code_of(again) == "second_factor_wrong"


async def test_the_login_is_locked_when_codes_are_guessed_behind_a_right_password(
    database: Database, tmp_path: Path
) -> None:
    async with at_work(database, tmp_path) as front:
        app, _ = await with_app(front)

        told = []
        for guess in range(6):
            told.append(code_of(await enter(front, f"{guess:06d}")))
            told.append(code_of(await enter(front)))

        assert code_of(await enter(front, later(app))) == "login_locked"
    assert told[:2] == ["second_factor_wrong", "second_factor_needed"]
    assert "login_locked" in told


async def test_a_code_for_recovery_opens_once_when_the_phone_is_lost(database: Database, tmp_path: Path) -> None:
    async with at_work(database, tmp_path) as front:
        _, first = await with_app(front)
        paper = first["recovery_codes"][3]

        entered = await enter(front, paper.lower())
        again = await enter(front, paper)

        mine = await front.ask("GET", "/v1/staff/me", token=entered.json()["token"])
    assert entered.json()["factor"] == "recovery"
    assert code_of(again) == "second_factor_wrong"
    assert mine.json()["recovery_left"] == 9


async def test_a_passkey_opens_a_session_when_it_was_made_here(database: Database, tmp_path: Path) -> None:
    async with at_work(database, tmp_path) as front:
        token = (await enter(front)).json()["token"]
        phone = Authenticator(*SITE)
        options = (await front.ask("POST", "/v1/staff/passkeys:options", token=token)).json()
        made = await front.ask(
            "POST", "/v1/staff/passkeys", {"name": "Phone", "credential": phone.make(options)}, token=token
        )
        assert made.status_code == 201, made.text

        asked = (await front.ask("POST", "/v1/staff/passkey-challenges", token=None)).json()
        signed = {"credential": phone.sign(asked)}
        entered = await front.ask("POST", "/v1/staff/passkey-sessions", signed, token=None)
        again = await front.ask("POST", "/v1/staff/passkey-sessions", signed, token=None)

        assert code_of(await front.ask("GET", "/v1/staff/me", token=token)) == "unauthorized"
    assert len(made.json()["recovery_codes"]) == 10
    assert (entered.status_code, entered.json()["roles"]) == (201, list(ROLES))
    assert code_of(again) == "challenge_over"


@pytest.mark.parametrize("fault", ["origin", "site", "unverified", "stranger", "nonsense", "other_key"])
async def test_no_session_is_opened_when_a_passkey_is_not_right(database: Database, tmp_path: Path, fault: str) -> None:
    async with at_work(database, tmp_path) as front:
        token = (await enter(front)).json()["token"]
        phone = Authenticator(*SITE)
        options = (await front.ask("POST", "/v1/staff/passkeys:options", token=token)).json()
        body = {"name": "Phone", "credential": phone.make(options)}
        await front.ask("POST", "/v1/staff/passkeys", body, token=token)
        asked = (await front.ask("POST", "/v1/staff/passkey-challenges", token=None)).json()
        if fault == "origin":
            phone.origin = "http://evil"
        elif fault == "site":
            phone.rp_id = "evil"
        elif fault == "unverified":
            phone.is_verified = False
        elif fault == "stranger":
            phone = Authenticator(*SITE)
        elif fault == "other_key":
            phone.key = Authenticator(*SITE).key
        credential = {"id": 1} if fault == "nonsense" else phone.sign(asked)

        refused = await front.ask("POST", "/v1/staff/passkey-sessions", {"credential": credential}, token=None)

    assert (refused.status_code, code_of(refused)) == (401, "passkey_wrong")


async def test_a_session_ends_at_once_when_its_owner_ends_it_from_another(database: Database, tmp_path: Path) -> None:
    async with at_work(database, tmp_path, required=False) as front:
        here, there = [(await enter(front)).json()["token"] for _ in range(2)]
        listed = (await front.ask("GET", "/v1/staff/me", token=here)).json()["sessions"]
        (other,) = [each["session_id"] for each in listed if not each["is_this"]]

        ended = await front.ask("DELETE", f"/v1/staff/sessions/{other}", token=here)

        assert ended.status_code == 204
        assert code_of(await front.ask("GET", "/v1/staff/me", token=there)) == "unauthorized"
        assert (await front.ask("GET", "/v1/staff/me", token=here)).status_code == 200
        strange = await front.ask("DELETE", "/v1/staff/sessions/ada-1", token=here)
        assert code_of(strange) == "session_not_found"


async def test_new_roles_hold_at_once_when_an_admin_changes_them(database: Database, tmp_path: Path) -> None:
    async with at_work(database, tmp_path, required=False) as front:
        token = (await enter(front)).json()["token"]

        changed = await front.ask("PUT", "/v1/staff/amal/roles", {"roles": ["finance"]}, token=ADMIN)
        own = await front.ask("PUT", "/v1/staff/ada/roles", {"roles": ["admin"]}, token=ADMIN)

        assert (changed.status_code, code_of(own)) == (204, "member_not_found")
        assert code_of(await front.ask("GET", "/v1/kiosks", token=token)) == "unauthorized"
        assert (await enter(front)).json()["roles"] == ["finance"]


async def test_the_old_password_and_factors_are_worthless_when_an_admin_resets_somebody(
    database: Database, tmp_path: Path
) -> None:
    async with at_work(database, tmp_path) as front:
        app, first = await with_app(front)

        fresh = (await front.ask("POST", "/v1/staff/amal:reset", token=ADMIN)).json()["password"]

        assert code_of(await front.ask("GET", "/v1/staff/me", token=first["token"])) == "unauthorized"
        assert code_of(await enter(front, later(app))) == "login_wrong"
        entered = await enter(front, word=fresh)
        assert (entered.status_code, entered.json()["must_enrol"]) == (201, True)


async def test_somebody_new_is_let_in_when_an_admin_adds_them(database: Database, tmp_path: Path) -> None:
    async with at_work(database, tmp_path, required=False) as front:
        new = {"login": "karim", "name": "Karim", "roles": ["staff_assist"]}
        password = (await front.ask("POST", "/v1/staff", new, token=ADMIN)).json()["password"]

        again = await front.ask("POST", "/v1/staff", new, token=ADMIN)
        entered = await front.ask("POST", "/v1/staff/sessions", {"login": "karim", "password": password}, token=None)

        assert code_of(again) == "login_known"
        assert entered.json()["roles"] == ["staff_assist"]
        listed = (await front.ask("GET", "/v1/staff", token=ADMIN)).json()["items"]
        assert {"amal", "karim"} <= {each["login"] for each in listed}


async def test_nothing_of_a_secret_is_read_when_the_database_is_copied(database: Database, tmp_path: Path) -> None:
    async with at_work(database, tmp_path) as front:
        app, first = await with_app(front)

    sealed = database.read(lambda work: work.factors.totp("amal"))
    assert sealed is not None
    assert app.secret.encode() not in sealed
    if database.is_sqlite:
        content = b"".join(
            path.read_bytes() for path in sorted(Path(database.engine.url.database or "").parent.glob("store.db*"))
        )
        assert first["recovery_codes"][0].encode() not in content
