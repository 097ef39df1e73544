"""One text, two languages, switched while the counter runs."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from kiosk.translations.catalog import N_, Language, _, in_language, language, use

TEXT = "この項目は必要です。"
ENGLISH = "This must be given."


@pytest.fixture(autouse=True)
def back_to_japanese() -> Iterator[None]:
    use(Language.JAPANESE)
    yield
    use(Language.JAPANESE)


def test_a_counter_starts_in_japanese() -> None:
    assert language() is Language.JAPANESE
    assert _(TEXT) == TEXT


def test_a_switch_is_seen_by_every_thread() -> None:
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(_, TEXT).result() == TEXT
        use("en")
        assert _(TEXT) == ENGLISH
        assert pool.submit(_, TEXT).result() == ENGLISH


def test_a_marked_text_is_translated_where_it_is_shown() -> None:
    marked = N_("この項目は必要です。")
    use(Language.ENGLISH)
    assert marked == TEXT
    assert _(marked) == ENGLISH


def test_a_text_without_translation_stays_readable() -> None:
    use("en")
    assert _("まだ訳のない文") == "まだ訳のない文"


def test_nothing_is_nothing_in_every_language() -> None:
    use("en")
    assert _("") == ""  # gettext would answer with the head of its file


def test_a_letter_speaks_its_own_language_and_nobody_elses() -> None:
    use("en")
    with in_language("ja"), ThreadPoolExecutor(1) as pool:
        assert _(TEXT) == TEXT
        assert pool.submit(_, TEXT).result() == ENGLISH
        with in_language("en"):
            assert _(TEXT) == ENGLISH
        assert _(TEXT) == TEXT
    assert language() is Language.ENGLISH


def test_a_failed_letter_gives_the_language_back() -> None:
    with pytest.raises(RuntimeError), in_language("en"):
        raise RuntimeError
    assert language() is Language.JAPANESE


async def test_tasks_at_once_do_not_mix_their_languages() -> None:
    both_inside = asyncio.Barrier(2)

    async def say(chosen: str) -> str:
        with in_language(chosen):
            await both_inside.wait()
            return await asyncio.to_thread(_, TEXT)

    said = await asyncio.gather(say("ja"), say("en"))
    assert list(said) == [TEXT, ENGLISH]


@pytest.mark.parametrize("unknown", ["", "fr", "EN", "ja_JP"])
def test_a_language_without_catalogue_is_refused(unknown: str) -> None:
    with pytest.raises(ValueError, match="is not a valid Language"):
        use(unknown)
    with pytest.raises(ValueError, match="is not a valid Language"), in_language(unknown):
        pass
    assert language() is Language.JAPANESE
