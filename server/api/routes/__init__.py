"""Thin routes, one file for each part of the shop."""

from server.api.routes import (
    baskets,
    books,
    campaigns,
    cashback,
    checkouts,
    coupons,
    credit_batches,
    crew,
    devices,
    enrolment,
    handovers,
    house,
    identify,
    payments,
    requests,
    shop,
    shoppers,
    staff,
)

ROUTERS = (
    house.router,
    shop.router,
    devices.router,
    handovers.router,
    baskets.router,
    identify.router,
    payments.router,
    checkouts.router,
    books.router,
    enrolment.router,
    shoppers.router,
    coupons.router,
    campaigns.router,
    crew.router,
    cashback.router,
    requests.router,
    credit_batches.router,
    staff.router,
)
"""All of them, in the order of the description at /docs."""
