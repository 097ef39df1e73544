"""A registry of any size, the same in every run: rows to load in bulk."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

from kiosk.rules.roles import StaffRole
from kiosk.services.staff._lookup_keys import keys_for

BRANCHES = 50
USERS_PER_ORGANIZATION = 400
CERTIFICATE_EVERY = 5
"""Every fifth user holds a certificate."""

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
TODAY = date(2026, 3, 2)

SURNAMES = """
佐藤 サトウ sato 鈴木 スズキ suzuki 高橋 タカハシ takahashi 田中 タナカ tanaka 伊藤 イトウ ito 渡辺 ワタナベ watanabe
山本 ヤマモト yamamoto 中村 ナカムラ nakamura 小林 コバヤシ kobayashi 加藤 カトウ kato 吉田 ヨシダ yoshida
山田 ヤマダ yamada 佐々木 ササキ sasaki 山口 ヤマグチ yamaguchi 松本 マツモト matsumoto 井上 イノウエ inoue
木村 キムラ kimura 林 ハヤシ hayashi 斎藤 サイトウ saito 清水 シミズ shimizu 山崎 ヤマザキ yamazaki 森 モリ mori
池田 イケダ ikeda 橋本 ハシモト hashimoto 阿部 アベ abe 石川 イシカワ ishikawa 前田 マエダ maeda
"""
GIVEN_NAMES = """
太郎 タロウ taro 花子 ハナコ hanako 一郎 イチロウ ichiro 健一 ケンイチ kenichi 美咲 ミサキ misaki 翔太 ショウタ shota
陽子 ヨウコ yoko 大輔 ダイスケ daisuke 恵子 ケイコ keiko 直樹 ナオキ naoki 由美 ユミ yumi 誠 マコト makoto
愛 アイ ai 健太 ケンタ kenta 裕子 ユウコ yuko 剛 ツヨシ tsuyoshi 真由美 マユミ mayumi 拓也 タクヤ takuya
"""
PLACES = "東京 神奈川 埼玉 千葉 茨城 栃木 群馬 大阪 京都 兵庫 愛知 静岡 北海道 宮城 広島 福岡"
TRADES = "電機 鉄道 郵便 自治体 教職員 化学 鉄鋼 自動車 食品 繊維 運輸 建設 医療 私鉄 水道"

Row = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Person:
    """A user, told by the number alone."""

    pk: int
    user_id: str
    name: str
    kana: str
    romaji: str
    organization_pk: int
    organization_name: str
    branch_pk: int


def person(user_count: int, number: int) -> Person:
    """The user of this number, from 0."""
    kanji, kana, romaji = _spelled(SURNAMES, number * 7919)
    given_kanji, given_kana, given_romaji = _spelled(GIVEN_NAMES, number * 104_729 % 65_537)
    organization = number % organizations(user_count)
    return Person(
        pk=number + 1,
        user_id=f"{romaji[:5]}{number:07}",
        name=f"{kanji} {given_kanji}",
        kana=f"{kana} {given_kana}",
        romaji=romaji + given_romaji,
        organization_pk=organization + 1,
        organization_name=organization_name(organization),
        branch_pk=organization % BRANCHES + 1,
    )


def organizations(user_count: int) -> int:
    """How many organizations there are."""
    return max(BRANCHES, user_count // USERS_PER_ORGANIZATION)


def organization_name(number: int) -> str:
    """The name of the organization of this number, from 0."""
    places, trades = _words(PLACES), _words(TRADES)
    place, trade = places[number % len(places)], trades[number // len(places) % len(trades)]
    return f"{place}{trade}労働組合 第{number}支部"


def _spelled(names: str, number: int) -> tuple[str, str, str]:
    words = _words(names)
    first = number % (len(words) // 3) * 3
    return words[first], words[first + 1], words[first + 2]


@cache
def _keys(text: str) -> tuple[str, ...]:
    """Names repeat, so their keys are made once."""
    return keys_for(text)


@cache
def _words(text: str) -> list[str]:
    return text.split()


def _branches(_: int) -> Iterator[Row]:
    for pk in range(1, BRANCHES + 1):
        yield {"pk": pk, "branch_no": f"{pk:03}", "name": f"第{pk}支店", "phone": ""}


def _terminals(_: int) -> Iterator[Row]:
    for pk in range(1, BRANCHES + 1):
        yield {"pk": pk, "branch_pk": pk, "terminal_no": "01"}


def staff_pk(role: StaffRole, branch_pk: int) -> int:
    """The row of whoever has this role in this branch."""
    return (branch_pk - 1) * len(StaffRole) + list(StaffRole).index(role) + 1


def _staff(_: int) -> Iterator[Row]:
    for branch_pk in range(1, BRANCHES + 1):
        for role in StaffRole:
            pk = staff_pk(role, branch_pk)
            yield {
                "pk": pk,
                "staff_id": f"op{pk:03}",
                "person_number": f"P{pk}",
                "name": "窓口 花子",
                "role": role,
                "branch_pk": branch_pk,
                "password_hash": "hash",
                "failures": 0,
                "active": True,
                "created_at": NOW,
            }


def _organizations(user_count: int) -> Iterator[Row]:
    for number in range(organizations(user_count)):
        yield {
            "pk": number + 1,
            "code": f"K{number:06}",
            "name": organization_name(number),
            "kind": "member",
            "branch_pk": number % BRANCHES + 1,
            "phone": "",
        }


def _users(user_count: int) -> Iterator[Row]:
    for each in (person(user_count, number) for number in range(user_count)):
        yield {
            "pk": each.pk,
            "user_id": each.user_id,
            "role": "general",
            "name": each.name,
            "kana": each.kana,
            "email": f"{each.user_id}@example.jp",
            "organization_pk": each.organization_pk,
            "branch_pk": each.branch_pk,
            "password_hash": "hash",
            "status": "active",
            "consecutive_failures": 0,
            "lock_count": 0,
            "charges": 0,
            "initial_registration_done": True,
            "created_at": NOW,
        }


def _lookup_keys(user_count: int) -> Iterator[Row]:
    for each in (person(user_count, number) for number in range(user_count)):
        texts = (each.name, each.kana, each.organization_name)
        for key in {*keys_for(each.user_id), *(key for text in texts for key in _keys(text))}:
            yield {"branch_pk": each.branch_pk, "key": key, "user_pk": each.pk}


def _cases(user_count: int) -> Iterator[Row]:
    for each in _holders(user_count):
        yield {
            "pk": each.pk,
            "reception_no": f"20260302-{each.branch_pk:03}-01-{each.pk:07}",
            "operation_id": f"case-{each.pk}",
            "branch_pk": each.branch_pk,
            "terminal_pk": each.branch_pk,
            "staff_pk": 1,
            "business_date": TODAY,
            "user_pk": each.pk,
            "transaction": "101",
            "family": "issue",
            "issue_kind": "first_issue",
            "state": "done",
            "form_no": "F-1",
            "channel": "counter",
            "visitor_kind": "self",
            "visitor_name": each.name,
            "pc_alias": "",
            "opened_at": NOW,
            "session": "session",
        }


def _certificates(user_count: int) -> Iterator[Row]:
    for each in _holders(user_count):
        yield {
            "pk": each.pk,
            "serial": f"01{each.pk:036X}",
            "operation_id": f"certificate-{each.pk}",
            "user_pk": each.pk,
            "case_pk": each.pk,
            "state": "active",
            "slot": 0,
            "key_sha256": "0123456789abcdef" * 4,
            "tbs_sha256": "0123456789abcdef" * 4,
            "subject": f"CN={each.user_id}",
            "profile": "client",
            "not_before": NOW,
            "not_after": NOW + timedelta(days=366),
            "issue_date": TODAY,
            "last_valid_date": TODAY + timedelta(days=365),
            "reserved_at": NOW,
            "issued_at": NOW,
            "der": bytes(1_000),
            "pc_alias": "",
        }


def _deliveries(user_count: int) -> Iterator[Row]:
    for each in _holders(user_count):
        yield {
            "pk": each.pk,
            "certificate_pk": each.pk,
            "state": "handed_over",
            "file_name": f"{each.user_id}.p12",
            "tries": 1,
            "written_at": NOW,
            "verified_at": NOW,
            "handed_over_at": NOW,
            "simulated": False,
        }


def _holders(user_count: int) -> Iterator[Person]:
    return (person(user_count, number) for number in range(0, user_count, CERTIFICATE_EVERY))


TABLES: dict[str, Callable[[int], Iterator[Row]]] = {
    "branches": _branches,
    "terminals": _terminals,
    "staff": _staff,
    "organizations": _organizations,
    "customers": _users,
    "lookup_keys": _lookup_keys,
    "cases": _cases,
    "certificates": _certificates,
    "deliveries": _deliveries,
}
"""The rows of each table for so many users, in the order in which they may be stored."""
