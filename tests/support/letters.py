"""Letters for tests."""

from datetime import UTC, datetime
from typing import Final

from kiosk.mail.letters import Envelope, Fact, compose
from kiosk.mail.message import Letter
from kiosk.rules.notices import NoticeKind
from kiosk.rules.users import UserRole
from kiosk.secret import Secret
from kiosk.translations.catalog import Language

NOW: Final = datetime(2026, 3, 2, 1, 5, tzinfo=UTC)


def a_letter(branch: str = "中央支店", recipient: str = "taro@example.co.jp") -> Letter:
    """The letter of a code, ready to send."""
    envelope = Envelope(
        sender="madoguchi@example.jp",
        sender_name="ろうきん賃金控除事務支援サービス",
        recipient=recipient,
        message_id="0123456789abcdef",
        date=NOW,
    )
    facts: dict[str, Fact] = {
        "user_id": "ta******",
        "branch_name": branch,
        "branch_phone": "",
        "valid_until": NOW,
    }
    return compose(
        NoticeKind.CODE,
        {**facts, "code": Secret("048125")},
        Language.JAPANESE,
        envelope,
        role=UserRole.MASTER,
    )
