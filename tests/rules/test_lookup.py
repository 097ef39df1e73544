"""Finding a name however it is typed, with an input method or without."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.rules.lookup import from_romaji, prefixes, search_key
from kiosk.rules.romaji import completions


@pytest.mark.parametrize(
    "spelling",
    [
        "ろうきんたろう",
        "ロウキンタロウ",
        "ﾛｳｷﾝﾀﾛｳ",
        "ﾛｳｷﾝ ﾀﾛｳ",
        "ロウキン　タロウ",
        "ろうきん\tたろう\n",
        " ろうきん たろう ",
        "ろう\u200bきんたろう",
        "ろう\x1bきんたろう",
    ],
)
def test_one_name_has_one_key(spelling: str) -> None:
    assert search_key(spelling) == "ろうきんたろう"


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("ＴＡＮＡＫＡ０１", "tanaka01"),
        ("Tanaka01", "tanaka01"),
        ("ｶﾞｷﾞｸﾞ ﾊﾟ", "がぎぐぱ"),
        ("ァヶヴ", "ぁゖゔ"),
        ("ヷヸ", "ヷヸ"),
        ("葛\U000e0100城", "葛城"),
        ("葛\ufe00城", "葛城"),
        ("㈱ろうきん", "(株)ろうきん"),
        ("髙﨑", "髙﨑"),
        ("STRAẞE", "strasse"),
        ("", ""),
        (" \u3000\x00", ""),
    ],
)
def test_width_case_and_form_do_not_matter(text: str, key: str) -> None:
    assert search_key(text) == key


@pytest.mark.parametrize("dash", "‐‑‒–—―−－ー-")
def test_all_dashes_are_one(dash: str) -> None:
    assert search_key(f"エ{dash}ジ") == "え-じ"


def test_nothing_but_dashes_is_taken_for_one() -> None:
    taken = {character for character in map(chr, range(0x10000)) if search_key(character) == "-"}
    assert {unicodedata.category(character) for character in taken - set("ーｰ")} == {"Pd", "Sm"}


@pytest.mark.parametrize("text", ["\udcff太郎", "\ud800", "\x00\x1b\u202e"])
def test_a_key_can_be_made_of_anything(text: str) -> None:
    search_key(text).encode()


@given(st.text())
def test_a_key_holds_nothing_that_cannot_be_compared(text: str) -> None:
    key = search_key(text)
    assert not any(character.isspace() for character in key)
    assert not any(unicodedata.category(character).startswith("C") for character in key)


@given(st.text(st.sampled_from("ろうきんﾛｳｷﾝロウキンＡbC　 -ー"), max_size=12))
def test_a_key_is_its_own_key(text: str) -> None:
    assert search_key(search_key(text)) == search_key(text)


@pytest.mark.parametrize(
    ("romaji", "kana"),
    [
        ("tanaka", "たなか"),
        ("Tanaka", "たなか"),
        ("suzuki", "すずき"),
        ("shoji", "しょじ"),
        ("syozi", "しょじ"),
        ("zyo", "じょ"),
        ("jya", "じゃ"),
        ("chiba", "ちば"),
        ("tiba", "ちば"),
        ("cyu", "ちゅ"),
        ("tsuchiya", "つちや"),
        ("tutiya", "つちや"),
        ("fujii", "ふじい"),
        ("huzii", "ふじい"),
        ("hattori", "はっとり"),
        ("icchou", "いっちょう"),
        ("matcha", "まっちゃ"),
        ("kanno", "かんの"),
        ("kannno", "かんの"),
        ("honda", "ほんだ"),
        ("homma", "ほんま"),
        ("namba", "なんば"),
        ("sampei", "さんぺい"),
        ("shin'ya", "しんや"),
        ("konnyaku", "こんにゃく"),
        ("honnahonnihonnuhonnehonno", "ほんなほんにほんぬほんねほんの"),
        ("ken-ichi", "けんいち"),
        ("pan-", "ぱん"),
        ("shinya", "しにゃ"),
        ("ken", "けん"),
        ("kenn", "けん"),
        ("ken'", "けん"),
        ("kenni", "けんに"),
        ("kennki", "けんき"),
        ("nyuu", "にゅう"),
        ("ryouko", "りょうこ"),
        ("pyon", "ぴょん"),
        ("byakko", "びゃっこ"),
        ("gyouda", "ぎょうだ"),
        ("hyuuga", "ひゅうが"),
        ("myouji", "みょうじ"),
        ("dyu", "ぢゅ"),
        ("she", "しぇ"),
        ("che", "ちぇ"),
        ("wakawo", "わかを"),
        ("yayuyo", "やゆよ"),
        ("wiwe", "うぃうぇ"),
        ("fafifefo", "ふぁふぃふぇふぉ"),
        ("vavivuvevo", "ゔぁゔぃゔゔぇゔぉ"),
        ("thidhi", "てぃでぃ"),
        ("tsatsetso", "つぁつぇつぉ"),
        ("ro-kin", "ろーきん"),
        ("pa-thi-", "ぱーてぃー"),
        ("bappu", "ばっぷ"),
        ("aiueo", "あいうえお"),
        ("", None),
        ("t", None),
        ("tanak", None),
        ("tanaka01", None),
        ("tanaka taro", None),
        ("たなか", None),
        ("xa", None),
        ("la", None),
        ("q", None),
        ("nq", None),
        ("tta tta", None),
        ("kk", None),
        ("'", None),
        ("a" * 40, "あ" * 40),
        ("a" * 41, None),
    ],
)
def test_romaji_is_read_in_the_usual_spellings(romaji: str, kana: str | None) -> None:
    assert from_romaji(romaji) == kana


@pytest.mark.parametrize(
    ("romaji", "kana"),
    [
        ("kakikukeko", "かきくけこ"),
        ("sasisuseso", "さしすせそ"),
        ("tatituteto", "たちつてと"),
        ("naninuneno", "なにぬねの"),
        ("hahihuheho", "はひふへほ"),
        ("mamimumemo", "まみむめも"),
        ("rarirurero", "らりるれろ"),
        ("gagigugego", "がぎぐげご"),
        ("zazizuzezo", "ざじずぜぞ"),
        ("dadidudedo", "だぢづでど"),
        ("babibubebo", "ばびぶべぼ"),
        ("papipupepo", "ぱぴぷぺぽ"),
        ("shishachitsufuji", "ししゃちつふじ"),
        ("kyakyukyekyo", "きゃきゅきぇきょ"),
        ("jajujejo", "じゃじゅじぇじょ"),
        ("kyagyasyashazyajyaja", "きゃぎゃしゃしゃじゃじゃじゃ"),
        ("tyachacyadyanyahya", "ちゃちゃちゃぢゃにゃひゃ"),
        ("byapyamyarya", "びゃぴゃみゃりゃ"),
    ],
)
def test_every_row_of_the_table_is_read(romaji: str, kana: str) -> None:
    assert from_romaji(romaji) == kana


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("たなか", ("たなか",)),
        ("タナ", ("たな",)),
        ("田中", ("田中",)),
        ("tanaka", ("tanaka", "たなか", "たんあか")),
        ("ＴＡＮＡＫＡ", ("tanaka", "たなか", "たんあか")),
        (
            "tanak",
            ("tanak", *(f"たな{end}" for end in "かきくけこっ"), *(f"たんあ{end}" for end in "かきくけこっ")),
        ),
        ("k", ("k", "か", "き", "く", "け", "こ")),
        ("ak", ("ak", "あか", "あき", "あく", "あけ", "あこ", "あっ")),
        ("hom", ("hom", "ほん", "ほま", "ほみ", "ほむ", "ほめ", "ほも")),
        ("m", ("m", "ま", "み", "む", "め", "も")),
        ("matc", ("matc", "まっ")),
        ("tc", ("tc",)),
        ("aw", ("aw", "あわ", "あうぃ", "あうぇ", "あを", "あっ")),
        ("sh", ("sh", "し")),
        ("ts", ("ts", "つ")),
        ("ky", ("ky", "きゃ", "きゅ", "きぇ", "きょ")),
        ("hat", ("hat", "はた", "はち", "はつ", "はて", "はと", "はっ")),
        ("hatt", ("hatt", "はった", "はっち", "はっつ", "はって", "はっと")),
        ("tan", ("tan", "たん", "たな", "たに", "たぬ", "たね", "たの")),
        ("kenichi", ("kenichi", "けにち", "けんいち")),
        ("kennichi", ("kennichi", "けんにち", "けんいち")),
        ("shin'ichi", ("shin'ichi", "しんいち")),
        ("shiny", ("shiny", "しにゃ", "しにゅ", "しにぇ", "しにょ", "しんや", "しんゆ", "しんよ")),
        (
            "kenny",
            ("kenny", *(f"けんに{end}" for end in "ゃゅぇょ"), "けんや", "けんゆ", "けんよ", "けんっ"),
        ),
        ("ny", ("ny", "にゃ", "にゅ", "にぇ", "にょ")),
        ("a" * 40, ("a" * 40, "あ" * 40)),
        ("a" * 41, ("a" * 41,)),
        ("nara", ("nara", "なら")),
        ("ro-", ("ro-", "ろ-")),
        ("tanaka01", ("tanaka01",)),
        ("op-01", ("op-01",)),
        ("xq", ("xq",)),
        ("-", ("-",)),
        ("", ()),
        ("　 ", ()),
    ],
)
def test_what_is_typed_so_far_gives_the_keys_to_look_for(typed: str, expected: tuple[str, ...]) -> None:
    assert prefixes(typed) == expected


PIECES = [
    "ka",
    "shi",
    "tsu",
    "n",
    "n'",
    "kki",
    "tcha",
    "sshi",
    "mma",
    "mbo",
    "nya",
    "nno",
    "ri",
    "-",
    "a",
    "o",
    "jjo",
    "n",
    "chi",
]


@given(st.lists(st.sampled_from(PIECES), max_size=6).map("".join))
def test_a_name_is_found_while_its_romaji_is_still_being_typed(romaji: str) -> None:
    kana = from_romaji(romaji)
    if kana is None or kana[0] in "っん" or "っっ" in kana:
        return  # not a word
    for typed in range(1, len(romaji) + 1):
        assert search_key(kana).startswith(prefixes(romaji[:typed])), romaji[:typed]


@pytest.mark.parametrize("consonant", "bcdfghjkmprstvwz")
def test_n_before_a_consonant_is_a_syllable(consonant: str) -> None:
    kana = completions(f"kan{consonant}")
    assert kana
    assert all(word.startswith("かん") for word in kana)


@pytest.mark.parametrize("consonant", "bcdfghjkprstvwyz")
def test_a_doubled_consonant_is_a_small_tsu(consonant: str) -> None:
    kana = completions(f"ka{consonant}{consonant}")
    assert kana
    assert all(word.startswith("かっ") for word in kana)
    assert "かっ" in completions(f"ka{consonant}")


def test_no_more_than_eight_readings_are_looked_for() -> None:
    assert len(completions("na" * 6)) == 8


@given(st.text(max_size=30))
def test_no_key_to_look_for_makes_another_needless(typed: str) -> None:
    kana = completions(search_key(typed))
    assert "" not in kana
    assert not any(one != other and one.startswith(other) for one in kana for other in kana)


@given(st.text(max_size=30))
def test_whatever_is_typed_the_first_key_is_the_text_itself(typed: str) -> None:
    assert prefixes(typed)[:1] == ((search_key(typed),) if search_key(typed) else ())


@pytest.mark.timeout(20)  # trying every reading of these would take years
@pytest.mark.parametrize("typed", ["n" * 40, "nana" * 10, "k" * 100_000, "'" * 40, "kenichi" * 5, "sh" * 20])
def test_a_long_or_odd_text_is_answered_without_trying_every_reading(typed: str) -> None:
    assert len(prefixes(typed)) < 60
