"""What staff do about themselves, and what an admin does about staff. Every change of a factor stands in the log."""

from dataclasses import replace
from datetime import datetime

from server.flows.challenges import Challenges
from server.flows.errors import FlowError
from server.flows.hearing import ENDED, MERCHANTS
from server.flows.passkeys import Json, Site, prove_passkey, register, wrong_passkey
from server.flows.ports import Work
from server.flows.ports.proofs import StaffMember
from server.flows.sealing import Keyed
from server.flows.second_factor import (
    keep_recovery_codes,
    new_recovery_codes,
    new_secret,
    seal_secret,
    step_of,
    unseal_secret,
    uri_of,
    wrong_factor,
)
from server.flows.sessions import LoggedIn, NewSession, has_factor, open_staff


def offer_app(work: Work, keyed: Keyed, login: str, shop: str) -> tuple[str, str]:
    """Make a secret for an authenticator app, and return it with its address for a QR code."""
    secret = new_secret()
    work.factors.offer_totp(login, seal_secret(keyed, secret))
    return secret, uri_of(secret, login, shop)


def confirm_app(
    work: Work, *, keyed: Keyed, login: str, code: str, session: NewSession, at: datetime
) -> tuple[LoggedIn, list[str]]:
    """Let the app count from now on; all other sessions end.

    Raises:
        FlowError: `second_factor_wrong`, `login_wrong`.
    """
    member = _member(work, login)
    sealed = work.factors.pending_totp(login)
    step = None if sealed is None else step_of(unseal_secret(keyed, sealed), "".join(code.split()), at=at)
    if step is None:
        raise wrong_factor()
    work.factors.confirm_totp(login, step)
    work.events.record(login, "add_authenticator", login, at=at)
    return _fresh(work, keyed, member, session, factor="totp", at=at)


def keep_passkey(
    work: Work,
    keyed: Keyed,
    site: Site,
    login: str,
    name: str,
    credential: Json,
    *,
    session: NewSession,
    at: datetime,
) -> tuple[LoggedIn, list[str]]:
    """Keep a passkey; with the first factor of a person come codes for recovery, and all other sessions end.

    Raises:
        FlowError: `passkey_wrong`, `passkey_known`, `challenge_over`, `too_many_passkeys`, `login_wrong`.
    """
    member = _member(work, login)
    is_first = not has_factor(work, login)
    register(work, Challenges(keyed), site, login, name, credential, at=at)
    if is_first:
        return _fresh(work, keyed, member, session, factor="passkey", at=at)
    return open_staff(work, member, session, factor="passkey", at=at), []


def enter_by_passkey(
    work: Work, challenges: Challenges, site: Site, credential: Json, *, session: NewSession, at: datetime
) -> LoggedIn:
    """Open a session for whoever has signed with a passkey.

    Raises:
        FlowError: `passkey_wrong`, `challenge_over`.
    """
    passkey = prove_passkey(work, challenges, site, credential, at=at)
    member = work.staff.get(passkey.login)
    if member is None:
        raise wrong_passkey()
    return open_staff(work, member, session, factor="passkey", at=at)


def end_session(work: Work, login: str, session_id: str, *, at: datetime) -> None:
    """End one of somebody's own sessions.

    Raises:
        FlowError: `session_not_found`.
    """
    if not work.sessions.end_one("staff", login, session_id, at=at):
        raise FlowError("session_not_found", "You have no such session, or it is over.")
    work.events.tell("", ENDED, {"login": login, "session_id": session_id}, at=at)


def add_member(
    work: Work,
    login: str,
    name: str,
    roles: tuple[str, ...],
    password_hash: str,
    *,
    store_id: str,
    by: str,
    at: datetime,
) -> None:
    """Let somebody work here; a merchant in the store where they are let in, and for no other.

    Raises:
        FlowError: `login_known`.
    """
    if work.staff.get(login) is not None:
        raise FlowError("login_known", "Somebody has this login.", login=login)
    work.staff.put(StaffMember(login, name, password_hash, roles, _bound(roles, store_id)))
    work.events.record(by, "add_member", login, at=at, reason=", ".join(roles))


def set_roles(work: Work, login: str, roles: tuple[str, ...], *, store_id: str, by: str, at: datetime) -> None:
    """Change what somebody may do, at once. Nobody changes their own: a second admin does.

    Raises:
        FlowError: `member_not_found`, `own_roles`.
    """
    member = _known(work, login)
    if login == by:
        raise FlowError("own_roles", "Nobody changes their own roles.")
    work.staff.put(replace(member, roles=roles, store_id=_bound(roles, store_id)))
    _end_all(work, login, at=at)
    work.events.record(by, "set_roles", login, at=at, reason=", ".join(roles))


def reset_member(work: Work, login: str, password_hash: str, *, by: str, at: datetime) -> None:
    """Give somebody a new password, and take away factors, the PIN for kiosks, and sessions.

    Raises:
        FlowError: `member_not_found`.
    """
    member = _known(work, login)
    work.staff.put(replace(member, password_hash=password_hash))
    work.staff.clear_tries(login)
    work.factors.reset(login)
    work.attendances.drop_pin(login)
    _end_all(work, login, at=at)
    work.events.record(by, "reset_member", login, at=at)


def _fresh(
    work: Work, keyed: Keyed, member: StaffMember, session: NewSession, *, factor: str, at: datetime
) -> tuple[LoggedIn, list[str]]:
    codes = new_recovery_codes()
    keep_recovery_codes(work, keyed, member.login, codes)
    _end_all(work, member.login, at=at)
    return open_staff(work, member, session, factor=factor, at=at), codes


def _end_all(work: Work, login: str, *, at: datetime) -> None:
    """End all sessions of somebody, and the streams that they opened."""
    if work.sessions.end_all("staff", login, at=at):
        work.events.tell("", ENDED, {"login": login, "session_id": None}, at=at)


def _bound(roles: tuple[str, ...], store_id: str) -> str:
    return store_id if MERCHANTS.intersection(roles) else ""


def _member(work: Work, login: str) -> StaffMember:
    member = work.staff.get(login)
    if member is None:
        raise FlowError("login_wrong", "Nobody of this name works here.")
    return member


def _known(work: Work, login: str) -> StaffMember:
    member = work.staff.get(login)
    if member is None:
        raise FlowError("member_not_found", "Nobody of this login works here.", login=login)
    return member
