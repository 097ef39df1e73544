"""Users in a list, the same at the inquiry and in an issue."""

from kiosk.services.views import UserRow
from kiosk.translations.catalog import _
from screens.widgets.virtual_table import Column, Layout
from screens.words import USER_ROLES, word


def users_layout() -> Layout[UserRow]:
    """Who they are and where they belong; kana and code where there is room."""
    return Layout(
        columns=(
            Column(_("ユーザーID"), 12),
            Column(_("氏名"), 14, grows=True),
            Column(_("カナ"), 14, grows=True, spare=True),
            Column(_("区分"), 16),
            Column(_("団体"), 20, grows=True),
            Column(_("団体コード"), 17, spare=True),
        ),
        cells=lambda row: (
            row.user_id,
            row.name,
            row.kana,
            word(USER_ROLES, row.role),
            row.organization_name,
            row.organization_code,
        ),
        key=lambda row: row.user_pk,
    )
