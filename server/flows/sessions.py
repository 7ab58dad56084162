"""Sessions of staff: what one holds, and how one is opened."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from server.flows.ports import Work
from server.flows.ports.proofs import Session, StaffMember
from server.flows.tokens import token_hash


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """A session as its owner gets it: the only time that the token is seen.

    Attributes:
        factor: With what it was opened: `pin`, `password`, `totp`, `recovery` or `passkey`.
        must_enrol: Whether it can only add a second factor: it has no role.
    """

    token: str
    name: str
    roles: tuple[str, ...]
    expires_at: datetime
    factor: str
    must_enrol: bool = False


@dataclass(frozen=True, slots=True)
class NewSession:
    """What chance and the request give to a session."""

    token: str
    session_id: str
    life: timedelta
    agent: str


def open_staff(
    work: Work, member: StaffMember, session: NewSession, *, factor: str, at: datetime, must_enrol: bool = False
) -> LoggedIn:
    """Open a session for one who has proven who they are; who has yet to add a factor gets no role."""
    roles = () if must_enrol else member.roles
    kept = Session(
        "staff",
        member.login,
        roles,
        at + session.life,
        session_id=session.session_id,
        opened_at=at,
        factor=factor,
        agent=session.agent,
        store_id=member.store_id,
    )
    work.staff.clear_tries(member.login)
    work.sessions.open(token_hash(session.token), kept)
    return LoggedIn(session.token, member.name, roles, kept.expires_at, factor, must_enrol)


def has_factor(work: Work, login: str) -> bool:
    """Whether somebody has an authenticator app or a passkey."""
    return work.factors.totp(login) is not None or bool(work.factors.passkeys(login))
