"""Files of tills, suppliers and open databases: bytes in, rows or faults out. Nothing here opens a file."""

from checkout.feeds.cells import Feed
from checkout.feeds.export import export_codes, export_products, is_formula
from checkout.feeds.faults import Fault, FaultKind, LeftOut, Severity, shown, whole_file
from checkout.feeds.gdsn import read_gdsn
from checkout.feeds.goods import read_goods
from checkout.feeds.mapping import AS_IT_IS, Mapping, read_mapping
from checkout.feeds.recalls import read_rappelconso
from checkout.feeds.records import (
    PRODUCT_FACTS,
    CodeRecord,
    PriceRecord,
    ProductRecord,
    RecallRecord,
    Record,
    ReferenceRecord,
    Said,
    Terms,
)
from checkout.feeds.references import read_open_food_facts
from checkout.feeds.webshops import read_odoo, read_shopify, read_woocommerce

__all__ = [
    "AS_IT_IS",
    "PRODUCT_FACTS",
    "CodeRecord",
    "Fault",
    "FaultKind",
    "Feed",
    "LeftOut",
    "Mapping",
    "PriceRecord",
    "ProductRecord",
    "RecallRecord",
    "Record",
    "ReferenceRecord",
    "Said",
    "Severity",
    "Terms",
    "export_codes",
    "export_products",
    "is_formula",
    "read_gdsn",
    "read_goods",
    "read_mapping",
    "read_odoo",
    "read_open_food_facts",
    "read_rappelconso",
    "read_shopify",
    "read_woocommerce",
    "shown",
    "whole_file",
]
