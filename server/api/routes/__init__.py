"""Thin routes, one file for each part of the shop."""

from server.api.routes import baskets, house, shop

ROUTERS = (
    house.router,
    shop.router,
    baskets.router,
)
"""All of them, in the order of the description at /docs."""
