"""Messages through a gateway that takes `{"to": "+33...", "text": "..."}` by POST and answers 2xx once it has them."""

import httpx

from server.flows.errors import FlowError
from server.flows.phone import Phone
from server.flows.phone_codes import Messenger

PATIENCE_SECONDS = 10.0
"""Somebody stands and waits; a gateway that needs longer is asked again by them."""


class HttpMessenger(Messenger):
    """Whoever answers at an address of the store's choice.

    Args:
        url: Where messages are posted.
        key: Goes along as a bearer token.
    """

    is_sandbox = False

    def __init__(self, url: str, key: str) -> None:
        self._url = url
        self._client = httpx.Client(
            headers={"Authorization": f"Bearer {key}"}, timeout=PATIENCE_SECONDS, follow_redirects=False
        )

    def send(self, to: Phone, words: str) -> None:
        """Send one message; what went wrong is told without number or text.

        Raises:
            FlowError: `message_not_sent`.
        """
        try:
            self._client.post(self._url, json={"to": to.e164, "text": words}).raise_for_status()
        except httpx.HTTPError as error:
            raise FlowError("message_not_sent", "The message could not be handed over.") from error
