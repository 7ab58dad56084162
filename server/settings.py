"""The settings of one store server, read once and passed down."""

from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict


class Settings(BaseSettings):
    """All that a store server may be told from outside. Nothing reads the environment later."""

    model_config = SettingsConfigDict(env_prefix="SESAME_SERVER_", frozen=True, extra="forbid")

    host: str = "127.0.0.1"
    """Loopback by default: a reverse proxy with TLS stands in front in a real shop."""
    port: int = 8800
    processes: Annotated[int, Field(ge=1, le=64)] = 1
    """How many server processes share the port and the database. Two use a second core; what is counted in a process
    (limits of tries) is then counted in each."""
    database_url: str = "sqlite:///var/server/store.db"
    """`sqlite:///file` (one machine) or `postgresql+psycopg://...` (more than one)."""
    database_copy_url: str = ""
    """A standby that answers what may be seconds old and costs much (how campaigns spread, consents in numbers, the
    drift of the ledger); empty: the database itself. Balances never come from it."""
    var_dir: Path = Path("var/server")
    """Where keys lie that must not be in the database (the pepper for phone numbers)."""
    store_id: str = "demo"
    price_group: str = ""
    """Whose prices hold in this store beside those of all stores, as the catalogue import names the groups."""
    webhook_seconds: Annotated[float, Field(gt=0)] = 1.0
    """How often a server looks for events that other systems are to be told of."""
    shop_seconds: Annotated[float, Field(gt=0)] = 1.0
    """How often a server looks for a catalogue that another process has imported: one read of new events' kinds."""
    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = ("127.0.0.1/32", "::1/128")
    """Networks of the reverse proxies in front, as `10.0.0.0/8,127.0.0.1/32`. What they say in X-Forwarded-For is
    believed up to the first address, from the right, that is not theirs; from anybody else the header says nothing."""
    public_url: str = ""
    """How phones reach this server; empty: as the request named it."""
    stripe_api_key: SecretStr = SecretStr("")
    """Of Stripe's API; empty: cards are a sandbox, no real money moves, and every page says so."""
    stripe_webhook_secret: SecretStr = SecretStr("")
    """What Stripe signs its notices with; they come to `/v1/topups:notice`, and nothing else credits a wallet."""
    stripe_api_base: str = ""
    """Where Stripe answers; empty: its own address. Tests and mocks give another."""
    message_url: str = ""
    """Where messages to phones are posted as `{"to", "text"}`; empty: a sandbox, whose codes stand in the answer."""
    message_key: SecretStr = SecretStr("")
    """What the gateway knows this store by."""
    messages_per_day: Annotated[int, Field(gt=0)] = 2_000
    """Each costs money, and somebody may be paid for receiving them."""
    phone_codes: Literal["required", "offered"] = "required"
    """Whether an account or a face needs a number that was proven by a code: else whoever types a number first has its
    waiting coupons and credit. `offered` is for a store without a gateway that is no demonstration either."""
    body_limit_bytes: Annotated[int, Field(gt=0)] = 1_048_576
    hold_seconds: Annotated[int, Field(gt=0)] = 180
    """How long money stays on hold before the sweeper gives it back (product.md: holds expire at 3 min)."""
    sweep_seconds: Annotated[float, Field(gt=0)] = 5.0
    """How often the sweeper looks for holds that nobody ended."""
    assertion_seconds: Annotated[int, Field(gt=0)] = 60
    """How long an approval lives: long enough to read the screen, too short to be carried away."""
    device_session_minutes: Annotated[int, Field(gt=0, le=60)] = 15
    """How long a kiosk or gate is let in by one signature; it signs again by itself, and is shut out at once anyway."""
    refund_alone_minor: Annotated[int, Field(ge=0)] = 5_000
    """Up to what a ticket gives back when one manager decides; above it a second one agrees."""
    reprice_assist_minor: Annotated[int, Field(ge=0)] = 1_000
    """What an attendant alone may take off a basket by setting prices; above it a manager agrees."""
    reprice_manager_minor: Annotated[int, Field(ge=0)] = 5_000
    """What a manager alone may; above it a second manager agrees."""
    staff_second_factor: Literal["required", "offered"] = "required"
    """Whether who works here may do anything with a password alone. `offered` is for demonstrations."""
    wallet_code_seconds: Annotated[int, Field(gt=0)] = 120
    exit_token_seconds: Annotated[int, Field(gt=0)] = 3600
    session_hours: Annotated[int, Field(gt=0)] = 12
    retention_days: Annotated[int, Field(gt=0, le=365)] = 365
    """Idle templates are erased after this many days (PR6); never later than the consent says."""

    account_idle_days: Annotated[int, Field(ge=365)] = 1095
    """After so long without a sign-in, an approval or a top-up an account without money is closed, after notice."""

    @field_validator("trusted_proxies", mode="before")
    @classmethod
    def _are_networks(cls, given: object) -> object:
        """Read `a/8,b/32`; a name is no network, since whoever answers for it would be believed."""
        named = [each.strip() for each in given.split(",") if each.strip()] if isinstance(given, str) else given
        if not isinstance(named, list | tuple):
            raise TypeError("trusted_proxies are networks with commas between them, such as 10.0.0.0/8,127.0.0.1/32")
        return tuple(str(ip_network(each)) for each in named)

    @model_validator(mode="after")
    def _stripe_needs_both(self) -> Self:
        if bool(self.stripe_api_key.get_secret_value()) != bool(self.stripe_webhook_secret.get_secret_value()):
            raise ValueError(
                "stripe_api_key and stripe_webhook_secret come together: without notices nothing is credited"
            )
        return self
