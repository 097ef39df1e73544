"""The media ledger in words."""

from collections.abc import Mapping

from kiosk.translations.catalog import N_

MEDIA: Mapping[str, str] = {
    "in_stock": N_("在庫"),
    "in_use": N_("使用中"),
    "handed_over": N_("交付済"),
    "damaged": N_("破損"),
    "returned": N_("返却"),
}
