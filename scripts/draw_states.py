"""Draw the state tables of checkout and kiosk: ``python -m scripts.draw_states`` rewrites docs/states/*.md."""

from pathlib import Path

import checkout
from kiosk.visit.states import VISIT_TABLE
from server.flows.credit_batch import BATCH_TABLE

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "states"
TABLES = (
    checkout.BASKET_TABLE,
    checkout.QUOTE_TABLE,
    checkout.PAYMENT_TABLE,
    checkout.COUPON_TABLE,
    checkout.SHARE_TABLE,
    checkout.CAMPAIGN_TABLE,
    checkout.INTERVENTION_TABLE,
    checkout.TEMPLATE_TABLE,
    checkout.PEER_TABLE,
    checkout.ASK_TABLE,
)
DRAWN = (*TABLES, BATCH_TABLE, VISIT_TABLE)


def pages() -> dict[str, str]:
    """Return the pages by file name, each a title, the diagram and where the table stands."""
    return {
        f"{table.name}.md": (
            f"# States of a {table.name}\n\n```mermaid\n{table.mermaid()}```\n\n"
            f"Drawn by `python -m scripts.draw_states` from the table in `{_home(table)}`; "
            "what is absent does not happen.\n"
        )
        for table in DRAWN
    }


def _home(table: object) -> str:
    homes = {id(VISIT_TABLE): "kiosk/visit/states.py", id(BATCH_TABLE): "server/flows/credit_batch.py"}
    return homes.get(id(table), "checkout/")


def main() -> None:
    """Write the pages."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
        print(f"docs/states/{name}")


if __name__ == "__main__":
    main()
