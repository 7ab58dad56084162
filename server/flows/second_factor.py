"""The second factor of staff: a code from an authenticator app (TOTP), or one of ten codes kept on paper.

The secret of an app must be known here to check its codes, so it lies in the database sealed with a key that does not:
a copy of the database makes no codes. A code counts once, within half a minute either side of its own.

Source: RFC 6238.
"""

from datetime import datetime, timedelta
from secrets import choice

import pyotp

from server.flows.coupon_codes import ALPHABET, read_coupon_code
from server.flows.errors import FlowError
from server.flows.ports import Work
from server.flows.sealing import Keyed, UnsealError, seal, unseal

STEP_SECONDS = 30
DIGITS = 6
RECOVERY_CODES = 10
PURPOSE = "authenticator secrets"


def new_secret() -> str:
    """Return 160 bits of chance in base 32, as an authenticator app takes it."""
    return pyotp.random_base32()


def uri_of(secret: str, login: str, shop: str) -> str:
    """Return the address that an authenticator app reads from a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=f"Sésame {shop}")


def seal_secret(keyed: Keyed, secret: str) -> bytes:
    """Close an app's secret with the key that is not in the database."""
    return seal(keyed, PURPOSE, secret)


def unseal_secret(keyed: Keyed, sealed: bytes) -> str:
    """Open an app's secret.

    Raises:
        FlowError: `second_factor_wrong`: it was sealed with another key, so no code can be checked.
    """
    try:
        return unseal(keyed, PURPOSE, sealed)
    except UnsealError as error:
        raise wrong_factor() from error


def step_of(secret: str, code: str, *, at: datetime) -> int | None:
    """Return the step (of 30 s since 1970) that a code belongs to, now or one either side; None for a wrong code."""
    totp = pyotp.TOTP(secret, digits=DIGITS, interval=STEP_SECONDS)
    for offset in (0, -1, 1):
        moment = at + timedelta(seconds=offset * STEP_SECONDS)
        if totp.verify(code, for_time=moment):
            return int(moment.timestamp()) // STEP_SECONDS
    return None


def new_recovery_codes() -> list[str]:
    """Return ten codes to print, 40 bits each; each lets somebody in once without the phone."""
    return ["-".join("".join(choice(ALPHABET) for _ in range(4)) for _ in range(2)) for _ in range(RECOVERY_CODES)]


def keep_recovery_codes(work: Work, keyed: Keyed, login: str, codes: list[str]) -> None:
    """Replace somebody's codes for recovery; only hashes are kept."""
    work.factors.put_recovery(login, [_recovery_hash(keyed, login, code) for code in codes])


def prove_factor(work: Work, keyed: Keyed, login: str, code: str, *, at: datetime) -> str:
    """Use a code up and return what it was: `totp` or `recovery`.

    Raises:
        FlowError: `second_factor_wrong`: it is another, too old, or was used.
    """
    bare = "".join(code.split())
    if len(bare) == DIGITS and bare.isascii() and bare.isdigit():
        sealed = work.factors.totp(login)
        step = None if sealed is None else step_of(unseal_secret(keyed, sealed), bare, at=at)
        if step is not None and work.factors.use_step(login, step):
            return "totp"
    elif work.factors.use_recovery(login, _recovery_hash(keyed, login, bare), at=at):
        return "recovery"
    raise wrong_factor()


def wrong_factor() -> FlowError:
    """Return the refusal of a second factor."""
    return FlowError("second_factor_wrong", "This code is wrong, too old, or was used.")


def _recovery_hash(keyed: Keyed, login: str, code: str) -> str:
    return keyed("recovery", f"{login}\n{read_coupon_code(code)}")
