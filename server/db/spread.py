"""What a campaign has done, counted in SQL from coupons, links, claims and payments."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Connection, Select, and_, case, cast, exists, func, or_, select, update

from server.db.tables import campaign, campaign_held_out, coupon, payment, share, share_claim
from server.flows.ports.spread import Arm, Branch, Generation, Past, Step


class SpreadStore:
    """What became of a campaign."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def steps(self, campaign_id: str, *, at: datetime) -> Sequence[Step]:
        """Return the funnel, in order."""
        who = func.coalesce(coupon.c.holder_phone_hash, coupon.c.code)
        held = and_(coupon.c.campaign_id == campaign_id, coupon.c.generation >= 0)  # -1: the shop's own links
        unused = coupon.c.state.in_(("issued", "shared"))
        coupons = {
            "given": held,
            "redeemed": and_(held, coupon.c.state == "redeemed"),
            "expired": and_(held, unused, coupon.c.expires_at <= at),
            "revoked": and_(held, coupon.c.state == "revoked"),
        }
        counted = {
            name: Step(name, *self._pair(select(func.count(), func.count(who.distinct())).where(which)))
            for name, which in coupons.items()
        }
        links = select(func.count(), func.count(who.distinct())).select_from(share)
        links = links.join(coupon, coupon.c.code == share.c.coupon_code)
        sent = self._pair(links.where(share.c.campaign_id == campaign_id, share.c.shared_at.is_not(None)))
        seen = select(func.coalesce(func.sum(share.c.opened), 0)).where(share.c.campaign_id == campaign_id)
        claims = select(func.count(), func.count(share_claim.c.phone_hash.distinct()))
        out = select(func.count()).where(campaign_held_out.c.campaign_id == campaign_id)
        left_out = int(self._connection.execute(out).scalar_one())
        return (
            counted["given"],
            Step("sent", *sent),
            Step("seen", int(self._connection.execute(seen).scalar_one()), None),
            Step("claimed", *self._pair(claims.where(share_claim.c.campaign_id == campaign_id))),
            counted["redeemed"],
            counted["expired"],
            counted["revoked"],
            Step("held_out", left_out, left_out),
        )

    def generations(self, campaign_id: str) -> Sequence[Generation]:
        """Return claims and redemptions by generation."""
        claims = select(share_claim.c.generation, func.count()).where(share_claim.c.campaign_id == campaign_id)
        used = select(coupon.c.generation, func.count()).where(
            coupon.c.campaign_id == campaign_id, coupon.c.state == "redeemed"
        )
        claimed = {row[0]: row[1] for row in self._connection.execute(claims.group_by(share_claim.c.generation))}
        redeemed = {row[0]: row[1] for row in self._connection.execute(used.group_by(coupon.c.generation))}
        depths = sorted({0, *claimed, *redeemed})
        return [Generation(depth, claimed.get(depth, 0), redeemed.get(depth, 0)) for depth in depths]

    def branches(self, campaign_id: str, *, limit: int) -> Sequence[Branch]:
        """Return the places from which most came, largest first."""
        child, own = share_claim.alias(), share_claim.alias()
        children = func.count().label("children")
        query = (
            select(child.c.parent_node, own.c.parent_node, func.min(child.c.generation), children)
            .join(own, own.c.node == child.c.parent_node, isouter=True)
            .where(child.c.campaign_id == campaign_id, child.c.parent_node.is_not(None))
            .group_by(child.c.parent_node, own.c.parent_node)
            .order_by(children.desc(), child.c.parent_node)
            .limit(limit)
        )
        return [Branch(row[0], row[1], row[2] - 1, row[3]) for row in self._connection.execute(query)]

    def waits(self, campaign_id: str, *, limit: int) -> Sequence[float]:
        """Return the seconds from a link to each of its newest claims."""
        query = (
            select(share.c.created_at, share_claim.c.claimed_at)
            .join(share, share.c.token == share_claim.c.token)
            .where(share_claim.c.campaign_id == campaign_id)
            .order_by(share_claim.c.claimed_at.desc())
            .limit(limit)
        )
        return [(row[1] - row[0]).total_seconds() for row in self._connection.execute(query)]

    def new_customers(self, campaign_id: str) -> int:
        """Return how many redeemed a friend's coupon and had never paid here before they claimed it."""
        came_before = exists(
            select(payment.c.payment_id).where(
                payment.c.phone_hash == share_claim.c.phone_hash,
                payment.c.status == "captured",
                payment.c.held_at < share_claim.c.claimed_at,
            )
        )
        query = (
            select(func.count(share_claim.c.phone_hash.distinct()))
            .join(coupon, coupon.c.code == share_claim.c.coupon_code)
            .where(share_claim.c.campaign_id == campaign_id, coupon.c.state == "redeemed", ~came_before)
        )
        return int(self._connection.execute(query).scalar_one())

    def arms(self, campaign_id: str) -> tuple[Arm, Arm]:
        """Return those who received the campaign and those whom the draw left out, each from that moment on."""
        received = (
            select(coupon.c.holder_phone_hash.label("person"), func.min(coupon.c.issued_at).label("since"))
            .where(coupon.c.campaign_id == campaign_id, coupon.c.holder_phone_hash.is_not(None))
            .group_by(coupon.c.holder_phone_hash)
        )
        held_out = select(campaign_held_out.c.phone_hash.label("person"), campaign_held_out.c.at.label("since"))
        return self._arm(received), self._arm(held_out.where(campaign_held_out.c.campaign_id == campaign_id))

    def past(self, store_id: str, min_basket_minor: int, ticket_from_minor: int, *, since: datetime, but: str) -> Past:
        """Return the store's tickets since a moment, and its campaigns but one."""
        reaches = payment.c.amount_minor >= min_basket_minor
        tickets = self._connection.execute(
            select(
                func.count(),
                func.count(case((payment.c.amount_minor >= ticket_from_minor, 1))),
                func.count(case((reaches, 1))),
                func.coalesce(func.sum(case((reaches, payment.c.amount_minor))), 0),
            ).where(payment.c.store_id == store_id, payment.c.status == "captured", payment.c.held_at >= since)
        ).one()
        others = and_(campaign.c.store_id == store_id, campaign.c.campaign_id != but)
        used = select(func.count()).select_from(coupon).join(campaign, campaign.c.campaign_id == coupon.c.campaign_id)
        spent = self._connection.execute(select(campaign.c.spent_minor).where(others, campaign.c.spent_minor > 0))
        return Past(
            tickets=tickets[0],
            bringing=tickets[1],
            reaching=tickets[2],
            reaching_minor=int(tickets[3]),
            issued=int(
                self._connection.execute(
                    select(func.coalesce(func.sum(campaign.c.issued), 0)).where(others)
                ).scalar_one()
            ),
            redeemed=int(self._connection.execute(used.where(others, coupon.c.state == "redeemed")).scalar_one()),
            spent_minor=list(spent.scalars()),
        )

    def cut(self, campaign_id: str, node: str, *, with_coupons: bool, at: datetime) -> tuple[int, int] | None:
        """Close the links of a branch, and take its unused coupons back if asked; None when there is no such place."""
        root = or_(share_claim.c.node == node, share_claim.c.parent_node == node)
        branch = select(share_claim.c.node).where(share_claim.c.campaign_id == campaign_id, root).cte(recursive=True)
        child = share_claim.alias()
        # Generations grow from place to place, so this ends; UNION drops what is met twice.
        branch = branch.union(select(child.c.node).join(branch, child.c.parent_node == branch.c.node))
        places = or_(coupon.c.node == node, coupon.c.node.in_(select(branch.c.node)))
        mine = and_(coupon.c.campaign_id == campaign_id, places)
        # In the order in which payments take them, or either would wait for the other crosswise.
        taken = select(coupon.c.code).where(mine).order_by(coupon.c.code).with_for_update()
        codes = list(self._connection.execute(taken).scalars())
        if not codes:
            return None
        open_links = and_(share.c.coupon_code.in_(codes), share.c.withdrawn_at.is_(None))
        closed = self._connection.execute(update(share).where(open_links).values(withdrawn_at=at)).rowcount
        unused = and_(coupon.c.code.in_(codes), coupon.c.state.in_(("issued", "shared")))
        if with_coupons:
            revoked = self._connection.execute(update(coupon).where(unused).values(state="revoked")).rowcount
            return closed, revoked
        waiting = and_(coupon.c.code.in_(codes), coupon.c.state == "shared", coupon.c.generation >= 0)
        self._connection.execute(
            update(coupon).where(waiting).values(state="issued")
        )  # a gift nobody claimed goes home
        return closed, 0

    def _arm(self, people: Select[Any]) -> Arm:
        found = people.subquery()
        bought = and_(
            payment.c.phone_hash == found.c.person, payment.c.status == "captured", payment.c.held_at > found.c.since
        )
        each = (
            select(found.c.person, func.coalesce(func.sum(payment.c.amount_minor), 0).label("spent"))
            .join(payment, bought, isouter=True)
            .group_by(found.c.person)
            .subquery()
        )
        spent = cast(each.c.spent, BigInteger)
        row = self._connection.execute(
            select(
                func.count(),
                func.count(case((spent > 0, 1))),
                func.coalesce(func.sum(spent), 0),
                func.coalesce(func.sum(spent * spent), 0),
            ).select_from(each)
        ).one()
        return Arm(row[0], row[1], int(row[2]), int(row[3]))

    def _pair(self, query: Select[int, int]) -> tuple[int, int]:
        row = self._connection.execute(query).one()
        return int(row[0]), int(row[1])
