"""The store's catalogue over HTTP; a connection of its own, so that a long transfer holds up no scan."""

import base64
import binascii
import json
from typing import Final
from urllib.parse import quote

import httpx

from kiosk.ports import CatalogueDocument, ShopUnreachableError

_UNCHANGED: Final = 304
MOST_BYTES: Final = 512 << 20  # 800 000 products are some 200 MB unzipped; more is no catalogue


class HttpCatalogue:
    """Keeps the promises of ``kiosk.ports.CatalogueSource``."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def key(self, store_id: str) -> bytes:
        """Return the store's public key.

        Raises:
            ShopUnreachableError: No answer, or none that was agreed.
        """
        try:
            return base64.b64decode(self._json(f"/v1/stores/{quote(store_id, safe='')}/key")["public_key"])
        except (KeyError, TypeError, binascii.Error) as problem:
            raise ShopUnreachableError("the store's key is not as agreed") from problem

    def fetch(self, store_id: str, since: str | None) -> CatalogueDocument | None:
        """Return what changed since a version; None where nothing did.

        Raises:
            ShopUnreachableError: No answer, or none that was agreed.
        """
        path = f"/v1/stores/{quote(store_id, safe='')}/catalogue"
        return self._json(path, since=since) or None

    def _json(self, path: str, since: str | None = None) -> CatalogueDocument:
        headers = {} if since is None else {"If-None-Match": f'"{since}"'}
        query = {} if since is None else {"since": since}
        try:
            with self._client.stream("GET", path, headers=headers, params=query) as response:
                if response.status_code == _UNCHANGED:
                    return {}
                response.raise_for_status()
                body = bytearray()
                for chunk in response.iter_bytes():
                    body += chunk
                    if len(body) > MOST_BYTES:
                        raise ShopUnreachableError("the catalogue has no end")
            document = json.loads(body)
        except (httpx.HTTPError, ValueError) as problem:
            raise ShopUnreachableError(type(problem).__name__) from problem
        if not isinstance(document, dict):
            raise ShopUnreachableError("the answer is not as agreed")
        return document
