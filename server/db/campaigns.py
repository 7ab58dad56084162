"""Campaigns, coupons and shares, in SQL. Every limit is a condition of the statement that counts."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Select,
    and_,
    bindparam,
    case,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)

from server.db.insert_new import insert_new
from server.db.questions import Among, Asked, Question, ask
from server.db.tables import campaign, campaign_day, campaign_held_out, campaign_store, coupon, share, share_claim
from server.flows.ports.campaigns import CampaignRow, ClaimRow, CouponRow, Funnel, ShareRow


def given_on_ticket(store_ids: Collection[str], *, at: datetime) -> Asked:
    """Return the question for the live campaigns of stores that give a coupon with each ticket, oldest first."""
    return _ON_TICKET.of(store_ids, now=at)


class CampaignStore:
    """Campaigns with their counters."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, made: CampaignRow) -> None:
        """Keep a campaign."""
        self._connection.execute(insert(campaign).values(**_facts(made)))

    def rewrite(self, made: CampaignRow) -> bool:
        """Keep a draft as it is now; False when it is none any more. Its counters stay."""
        values = {name: fact for name, fact in _facts(made).items() if name not in _COUNTED}
        return self._update(made.campaign_id, campaign.c.state == "draft", **values)

    def get(self, campaign_id: str) -> CampaignRow | None:
        """Return a campaign, or None."""
        row = self._connection.execute(select(campaign).where(campaign.c.campaign_id == campaign_id)).one_or_none()
        return None if row is None else CampaignRow(**row._mapping)  # noqa: SLF001 - SQLAlchemy's public name

    def of(self, store_id: str) -> Sequence[CampaignRow]:
        """Return the campaigns of a store, newest first."""
        newest_first = (campaign.c.created_at.desc(), campaign.c.campaign_id.desc())
        return self._many(select(campaign).where(campaign.c.store_id == store_id).order_by(*newest_first))

    def on_ticket(self, store_id: str, *, at: datetime) -> Sequence[CampaignRow]:
        """Return the live campaigns that give a coupon with each ticket, oldest first."""
        (found,) = ask(self._connection, given_on_ticket([store_id], at=at))
        return found

    def move(self, campaign_id: str, before: str, after: str) -> bool:
        """Change the state if it still is `before`."""
        return self._update(campaign_id, campaign.c.state == before, state=after)

    def take_slot(self, campaign_id: str, *, at: datetime, state: str = "live") -> bool:
        """Count one more coupon if the campaign is in `state`, in its window, and has one left."""
        left = campaign.c.issued < campaign.c.limit_coupons
        funded = campaign.c.reserved_minor + campaign.c.spent_minor < campaign.c.budget_minor
        return self._update(campaign_id, and_(_running(at, state), left, funded), issued=campaign.c.issued + 1)

    def give_slot_back(self, campaign_id: str) -> None:
        """Undo `take_slot` in the same transaction."""
        self._update(campaign_id, campaign.c.issued > 0, issued=campaign.c.issued - 1)

    def take_day(self, campaign_id: str, day: int, limit: int) -> bool:
        """Count one more coupon of a day if fewer than `limit` were given."""
        insert_new(self._connection, campaign_day, campaign_id=campaign_id, day=day, issued=0)
        there = and_(campaign_day.c.campaign_id == campaign_id, campaign_day.c.day == day)
        counted = update(campaign_day).where(there, campaign_day.c.issued < limit)
        return self._connection.execute(counted.values(issued=campaign_day.c.issued + 1)).rowcount == 1

    def take_store(self, campaign_id: str, store_id: str, coupons: int, limit: int) -> bool:
        """Count coupons that are set aside in a store, if no more than `limit` are then."""
        insert_new(self._connection, campaign_store, campaign_id=campaign_id, store_id=store_id, used=0)
        counted = update(campaign_store).where(_there(campaign_id, store_id), campaign_store.c.used + coupons <= limit)
        return self._connection.execute(counted.values(used=campaign_store.c.used + coupons)).rowcount == 1

    def give_store_back(self, campaign_id: str, store_id: str, coupons: int) -> None:
        """Count coupons of a store no more that were not used after all, or given back."""
        counted = update(campaign_store).where(_there(campaign_id, store_id))
        self._connection.execute(counted.values(used=campaign_store.c.used - coupons))

    def used_in(self, campaign_id: str, store_id: str) -> int:
        """Return how many are counted in a store."""
        used = select(campaign_store.c.used).where(_there(campaign_id, store_id))
        return self._connection.execute(used).scalar() or 0

    def let_try(self, campaign_id: str, testers: Sequence[str]) -> None:
        """Name who may have a coupon while the campaign is tried."""
        self._update(campaign_id, campaign.c.state == "test", testers=list(testers))

    def note_held_out(self, campaign_id: str, phone_hash: str, *, at: datetime) -> None:
        """Note who would have received a coupon and was drawn out; the first time stays."""
        insert_new(self._connection, campaign_held_out, campaign_id=campaign_id, phone_hash=phone_hash, at=at)

    def reserve(self, campaign_id: str, amount_minor: int) -> bool:
        """Set money of the budget aside; False when it does not suffice."""
        suffices = campaign.c.reserved_minor + campaign.c.spent_minor + amount_minor <= campaign.c.budget_minor
        return self._update(campaign_id, suffices, reserved_minor=campaign.c.reserved_minor + amount_minor)

    def release(self, campaign_id: str, amount_minor: int) -> None:
        """Give money that was set aside back to the budget."""
        there = campaign.c.reserved_minor >= amount_minor
        self._update(campaign_id, there, reserved_minor=campaign.c.reserved_minor - amount_minor)

    def spend(self, campaign_id: str, amount_minor: int) -> None:
        """Turn money that was set aside into money spent."""
        self._update(
            campaign_id,
            campaign.c.reserved_minor >= amount_minor,
            reserved_minor=campaign.c.reserved_minor - amount_minor,
            spent_minor=campaign.c.spent_minor + amount_minor,
        )

    def give_back(self, campaign_id: str, amount_minor: int) -> None:
        """Turn money that was spent into money that can be spent again, because goods came back."""
        there = campaign.c.spent_minor >= amount_minor
        self._update(campaign_id, there, spent_minor=campaign.c.spent_minor - amount_minor)

    def funnel(self, campaign_id: str, *, at: datetime) -> Funnel:
        """Count what became of the coupons."""
        coupons = self._connection.execute(
            select(
                func.count(),
                func.count(case((coupon.c.state == "redeemed", 1))),
                func.count(case((and_(coupon.c.state.in_(("issued", "shared")), coupon.c.expires_at <= at), 1))),
            ).where(coupon.c.campaign_id == campaign_id)
        ).one()
        shares = self._connection.execute(
            select(func.count(share.c.shared_at), func.coalesce(func.sum(share.c.opened), 0)).where(
                share.c.campaign_id == campaign_id
            )
        ).one()
        claimed = self._connection.execute(
            select(func.count())
            .select_from(share_claim)
            .join(share, share.c.token == share_claim.c.token)
            .where(share.c.campaign_id == campaign_id)
        ).scalar_one()
        return Funnel(
            issued=coupons[0],
            shared=shares[0],
            opened=int(shares[1]),
            claimed=claimed,
            redeemed=coupons[1],
            expired=coupons[2],
        )

    def _many(self, query: Select[Any], **given: object) -> Sequence[CampaignRow]:
        rows = self._connection.execute(query, given)
        return [CampaignRow(**row._mapping) for row in rows]  # noqa: SLF001 - SQLAlchemy's public name

    def _update(self, campaign_id: str, condition: ColumnElement[bool], **values: object) -> bool:
        return (
            self._connection.execute(
                update(campaign).where(campaign.c.campaign_id == campaign_id, condition).values(**values)
            ).rowcount
            == 1
        )


class CouponStore:
    """Coupons by code."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, made: CouponRow) -> None:
        """Keep a new coupon."""
        self._connection.execute(
            insert(coupon).values(**{name: getattr(made, name) for name in coupon.c.keys()})  # noqa: SIM118 - the names of a column collection
        )

    def get(self, code: str) -> CouponRow | None:
        """Return a coupon, or None."""
        return next(iter(self._where(coupon.c.code == code)), None)

    def lock_row(self, code: str) -> None:
        """Keep other transactions from changing a coupon before this one ends."""
        self._connection.execute(select(coupon.c.code).where(coupon.c.code == code).with_for_update())

    def many(self, codes: Sequence[str]) -> Sequence[CouponRow]:
        """Return the coupons that exist among some codes, by code."""
        return self._where(coupon.c.code.in_(codes)) if codes else []

    def held_by(self, phone_hash: str) -> Sequence[CouponRow]:
        """Return a person's coupons, newest first."""
        rows = self._connection.execute(
            select(coupon)
            .where(coupon.c.holder_phone_hash == phone_hash)
            .order_by(coupon.c.issued_at.desc(), coupon.c.code)
        )
        return [CouponRow(**row._mapping) for row in rows]  # noqa: SLF001 - SQLAlchemy's public name

    def held_in(self, campaign_id: str, phone_hash: str) -> int:
        """Return how many coupons of one campaign a person has or had."""
        return int(
            self._connection.execute(
                select(func.count())
                .select_from(coupon)
                .where(coupon.c.campaign_id == campaign_id, coupon.c.holder_phone_hash == phone_hash)
            ).scalar_one()
        )

    def of_payment(self, payment_id: str, state: str) -> Sequence[CouponRow]:
        """Return the coupons that a payment holds in a state, by code."""
        return self._where(and_(coupon.c.payment_id == payment_id, coupon.c.state == state))

    def of_ticket(self, ticket_id: str) -> CouponRow | None:
        """Return the coupon that was given with a ticket, or None."""
        return next(iter(self._where(coupon.c.ticket_id == ticket_id)), None)

    def used_by(self, campaign_id: str, people: Sequence[str]) -> int:
        """Return how many coupons of a campaign are counted for some people."""
        counted = select(func.count()).where(
            coupon.c.campaign_id == campaign_id,
            coupon.c.used_by.in_(people),
            coupon.c.state.in_(("reserved", "redeemed")),
        )
        return int(self._connection.execute(counted).scalar_one())

    def reserve(
        self,
        code: str,
        payment_id: str,
        value_minor: int,
        *,
        at: datetime,
        used_in: str | None = None,
        used_by: str | None = None,
    ) -> bool:
        """Set a coupon aside for a payment if it is issued and its time is not over; note who counts it."""
        return (
            self._connection.execute(
                update(coupon)
                .where(coupon.c.code == code, coupon.c.state == "issued", coupon.c.expires_at > at)
                .values(
                    state="reserved", payment_id=payment_id, value_minor=value_minor, used_in=used_in, used_by=used_by
                )
            ).rowcount
            == 1
        )

    def move(self, code: str, before: str, after: str, *, redeemed_at: datetime | None = None) -> bool:
        """Change the state if it still is `before`; `issued` forgets the payment and who counted it."""
        values: dict[str, object] = {"state": after}
        if after == "issued":
            values |= dict.fromkeys(("payment_id", "value_minor", "redeemed_at", "used_in", "used_by"))
        if redeemed_at is not None:
            values["redeemed_at"] = redeemed_at
        return (
            self._connection.execute(
                update(coupon).where(coupon.c.code == code, coupon.c.state == before).values(**values)
            ).rowcount
            == 1
        )

    def hand_over(self, code: str, *, new_code: str, phone_hash: str, token: str, generation: int, node: str) -> bool:
        """Give a shared coupon to another under a new code; False when somebody was first."""
        return (
            self._connection.execute(
                update(coupon)
                .where(coupon.c.code == code, coupon.c.state == "shared")
                .values(
                    code=new_code,
                    state="issued",
                    holder_phone_hash=phone_hash,
                    ticket_id=None,  # who holds the ticket no longer holds the coupon
                    parent_token=token,
                    generation=generation,
                    node=node,
                )
            ).rowcount
            == 1
        )

    def _where(self, which: ColumnElement[bool]) -> Sequence[CouponRow]:
        rows = self._connection.execute(select(coupon).where(which).order_by(coupon.c.code))
        return [CouponRow(**row._mapping) for row in rows]  # noqa: SLF001 - SQLAlchemy's public name


class ShareStore:
    """Links and who claimed through them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, made: ShareRow) -> None:
        """Keep a link."""
        self._connection.execute(
            insert(share).values(**{name: getattr(made, name) for name in share.c.keys()})  # noqa: SIM118 - the names of a column collection
        )

    def get(self, token: str) -> ShareRow | None:
        """Return a link, or None."""
        return self._first(share.c.token == token)

    def lock_row(self, token: str) -> None:
        """Keep other transactions from changing a link, and so its claims, before this one ends."""
        self._connection.execute(select(share.c.token).where(share.c.token == token).with_for_update())

    def open_of(self, coupon_code: str) -> ShareRow | None:
        """Return the link of a coupon that still leads to it, or None."""
        claimed = exists(select(share_claim.c.token).where(share_claim.c.token == share.c.token))
        gone = and_(share.c.mode == "gift", claimed)  # a gift's link has done its work with its one claim
        return self._first(and_(share.c.coupon_code == coupon_code, share.c.withdrawn_at.is_(None), ~gone))

    def waiting_gifts(self, shared_before: datetime, *, limit: int) -> Sequence[ShareRow]:
        """Return the links of gifts that were shared before a moment and that nobody has claimed, oldest first."""
        rows = self._connection.execute(
            select(share)
            .join(coupon, coupon.c.code == share.c.coupon_code)
            .where(share.c.mode == "gift", share.c.withdrawn_at.is_(None), share.c.shared_at <= shared_before)
            # The link of a gift that was claimed leads to the coupon too, which may be on its way by a link of its own.
            .where(share.c.claimed == 0, coupon.c.state == "shared")
            .order_by(share.c.shared_at)
            .limit(limit)
        )
        return [ShareRow(**row._mapping) for row in rows]  # noqa: SLF001 - SQLAlchemy's public name

    def note_shared(self, token: str, *, at: datetime) -> None:
        """Note that the link is in use; the first time stays."""
        self._connection.execute(
            update(share).where(share.c.token == token, share.c.shared_at.is_(None)).values(shared_at=at)
        )

    def count_opened(self, token: str) -> None:
        """Count one more who looked."""
        self._connection.execute(update(share).where(share.c.token == token).values(opened=share.c.opened + 1))

    def withdraw(self, token: str, *, at: datetime) -> bool:
        """Close a link; False when it was closed."""
        return (
            self._connection.execute(
                update(share).where(share.c.token == token, share.c.withdrawn_at.is_(None)).values(withdrawn_at=at)
            ).rowcount
            == 1
        )

    def take_place(self, token: str) -> bool:
        """Count one more claim if the link is open and has room."""
        room = or_(share.c.width.is_(None), share.c.claimed < share.c.width)
        counted = update(share).where(share.c.token == token, share.c.withdrawn_at.is_(None), room)
        return self._connection.execute(counted.values(claimed=share.c.claimed + 1)).rowcount == 1

    def claim(self, made: ClaimRow) -> bool:
        """Write a claim down; False when this person has claimed through this link before."""
        return insert_new(self._connection, share_claim, **asdict(made))

    def claimed_code(self, token: str, phone_hash: str) -> str | None:
        """Return the coupon that a person got through a link, or None."""
        return self._connection.execute(
            select(share_claim.c.coupon_code).where(
                share_claim.c.token == token, share_claim.c.phone_hash == phone_hash
            )
        ).scalar()

    def claims(self, token: str) -> int:
        """Return how many claimed through a link."""
        return int(
            self._connection.execute(
                select(func.count()).select_from(share_claim).where(share_claim.c.token == token)
            ).scalar_one()
        )

    def follow(self, old_code: str, new_code: str) -> None:
        """Let a gift's links point to its coupon's new code; who claimed before keeps only the code they had."""
        self._connection.execute(update(share).where(share.c.coupon_code == old_code).values(coupon_code=new_code))

    def _first(self, which: ColumnElement[bool]) -> ShareRow | None:
        row = self._connection.execute(select(share).where(which).order_by(share.c.created_at.desc())).first()
        return None if row is None else ShareRow(**row._mapping)  # noqa: SLF001 - SQLAlchemy's public name


_COUNTED = frozenset({"campaign_id", "issued", "reserved_minor", "spent_minor", "state", "created_by", "created_at"})
"""What a draft keeps when it is written anew."""


def _facts(made: CampaignRow) -> dict[str, object]:
    values = {name: getattr(made, name) for name in campaign.c.keys()}  # noqa: SIM118 - the names of a column collection
    values["label"] = dict(made.label)
    for name in ("testers", "skus", "categories"):
        values[name] = None if values[name] is None else list(values[name])
    values["conditions"] = None if made.conditions is None else dict(made.conditions)
    return values


def _there(campaign_id: str, store_id: str) -> ColumnElement[bool]:
    return and_(campaign_store.c.campaign_id == campaign_id, campaign_store.c.store_id == store_id)


def _running(at: datetime | BindParameter[datetime], state: str = "live") -> ColumnElement[bool]:
    return and_(campaign.c.state == state, campaign.c.starts_at <= at, campaign.c.ends_at > at)


def _on_ticket() -> Select[Any]:
    is_asked = and_(Among(campaign.c.store_id), campaign.c.issue_on_ticket.is_(True))
    query = select(*(campaign.c[each.name] for each in fields(CampaignRow)))
    running = _running(bindparam("now", required=False))
    return query.where(is_asked, running).order_by(campaign.c.created_at, campaign.c.campaign_id)


_ON_TICKET = Question(_on_ticket(), CampaignRow)
