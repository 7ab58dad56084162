"""The store, its kiosks as they see themselves, products and codes."""

import asyncio
import base64
import gzip
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request, Response

from checkout import CodeGroups, Product, Unit, product_of, take_apart, unit_price
from checkout.codes import MAX_LENGTH
from checkout.errors import CheckoutError
from server.api.dependencies import AsAnyone, AsKiosk, AsKioskOrStaff, AsManager, AsPricer, TheHouse
from server.api.house import House
from server.flows.baskets import label_json
from server.flows.import_recalls import import_recalls
from server.flows.tell_kiosk import told_json

router = APIRouter(tags=["shop"])

MOST_FOUND = 200
Symbology = Annotated[str | None, Query(max_length=32)]


@router.get("/v1/stores/{store_id}")
async def store(store_id: str, house: TheHouse, _who: AsAnyone) -> dict[str, Any]:
    """Return the store as the shopper and the receipt name it, with how far a face alone goes."""
    shop = house.shop
    house.demand_store(store_id)
    return {
        "store_id": shop.store_id,
        "name": shop.name,
        "payee": shop.payee,
        "currency": shop.currency.code,
        "country": shop.country,
        "timezone": shop.timezone.key,
        "demo_prices": shop.demo_prices,
        "phone_codes": house.settings.phone_codes,
        "face_only_limit_minor": shop.step_up.single_minor,
        "face_only_limit_unchecked_minor": shop.step_up.single_unchecked_minor,
    }


@router.get("/v1/stores/{store_id}/key")
async def store_key(store_id: str, house: TheHouse, _who: AsAnyone) -> dict[str, str]:
    """Return the public half of the key that the store signs with: raw Ed25519, in base64."""
    house.demand_store(store_id)
    public = house.signing_key.public_key().public_bytes_raw()
    return {"algorithm": "Ed25519", "public_key": base64.b64encode(public).decode()}


@router.get("/v1/stores/{store_id}/catalogue")
async def catalogue(
    request: Request,
    store_id: str,
    house: TheHouse,
    _who: AsAnyone,
    since: Annotated[str | None, Query(max_length=64)] = None,
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """Return all that pricing needs, signed: whole, or what changed `since` a version that this server still knows.

    The answer is gzipped JSON: `head` (what is signed), `signature` (Ed25519 over the head), `since`, `put` and `gone`
    (rows by table). Whoever applies it to what they have must arrive at the digest in the head.
    """
    house.demand_store(store_id)
    at = house.now()
    head = await house.database.read_async(lambda work: house.snapshots.refresh(work, at=at))
    headers = {"ETag": f'"{head.version}"', "Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
    if if_none_match is not None and head.version in if_none_match:
        return Response(status_code=304, headers=headers)
    body = await asyncio.to_thread(house.snapshots.body, since)
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"] = "gzip"
    else:
        body = await asyncio.to_thread(gzip.decompress, body)
    return Response(body, headers=headers, media_type="application/json")


@router.post("/v1/recalls:import")
async def import_official_recalls(
    request: Request,
    house: TheHouse,
    _who: AsManager,
    dry_run: Annotated[bool, Query()] = False,  # noqa: FBT002 - a word of the address
) -> dict[str, Any]:
    """Stop the lots that a CSV file of RappelConso names (its body, as it was downloaded); each bad row is told.

    Doing it twice changes nothing. A kiosk refuses the lot at the next scan, with a network or without.
    """
    content, row = await request.body(), house.shop.row
    answer = await asyncio.to_thread(import_recalls, content, row, house.open_stage, dry_run=dry_run, now=house.now)
    if answer["import_id"] is not None:
        await house.reread_shop()
    return answer


@router.get("/v1/kiosks/me")
async def this_kiosk(house: TheHouse, who: AsKiosk) -> dict[str, Any]:
    """Return the kiosk that asks."""
    row = await house.database.read_async(lambda work: work.kiosks.get(who.subject))
    told = told_json(row) if row else {}
    return {"kiosk_id": who.subject, "name": row.name if row else who.subject, "store_id": who.store_id} | told


@router.get("/v1/products")
async def products(
    house: TheHouse,
    _who: AsPricer,
    query: Annotated[str, Query(max_length=200)] = "",
    limit: Annotated[int, Query(ge=1, le=MOST_FOUND)] = 10,
    *,
    loose: Annotated[
        bool, Query(description="What has no bar code to scan, by name; the query does not count.")
    ] = False,
) -> dict[str, Any]:
    """Return the products whose words begin like those of the query, best first, or those without a bar code.

    Anybody may ask, as anybody may read the shelf.
    """
    catalog = house.shop.catalog
    found = catalog.loose[:limit] if loose else catalog.search(query, limit)
    return {"items": [_shown(house, product) for product in found]}


@router.get("/v1/codes/{code:path}")
async def code(code: str, house: TheHouse, _who: AsKioskOrStaff, symbology: Symbology = None) -> dict[str, Any]:
    """Return the product that a code leads to, and which groups of signs were read by the store's layouts."""
    shop = house.shop
    product = product_of(shop.catalog, code, symbology, shop.code_table)
    return _shown(house, product) | {"reading": _reading(take_apart(code, symbology, shop.code_table))}


@router.get("/v1/readings")
async def reading(
    text: Annotated[str, Query(min_length=1, max_length=MAX_LENGTH)],
    house: TheHouse,
    _who: AsKioskOrStaff,
    symbology: Symbology = None,
) -> dict[str, Any]:
    """Take any code apart: the tester for the store's layouts. What is wrong with it is told, not refused.

    `product` is null where the code leads to nothing that is sold here; `refusal` then says why.
    """
    shop = house.shop
    told = _reading(take_apart(text, symbology, shop.code_table))
    try:
        product = product_of(shop.catalog, text, symbology, shop.code_table)
    except CheckoutError as error:
        return told | {"product": None, "refusal": {"code": error.code, "detail": str(error)}}
    return told | {"product": _shown(house, product), "refusal": None}


def _reading(apart: CodeGroups) -> dict[str, Any]:
    return {
        "kind": apart.kind,
        "layout": None if apart.layout is None else apart.layout.template,
        "groups": [
            {"name": group.name, "text": group.text, "should_be": group.should_be, "is_right": group.is_right}
            for group in apart.groups
        ],
    }


def _shown(house: House, product: Product) -> dict[str, Any]:
    return {
        "sku": product.sku,
        "code": house.shop.code_of.get(product.sku, ""),
        "name": product.name,
        "brand": product.brand,
        "pack": product.pack,
        "unit_price_minor": product.unit_price_minor,
        "unit_text": label_json(unit_price(product, house.shop.currency)),
        "category": product.category,
        "min_age": product.min_age,
        "is_weighed": product.unit is Unit.KG,
        "image_url": None,
    }
