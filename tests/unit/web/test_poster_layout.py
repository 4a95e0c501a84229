"""Posters: every letter is there, and everything has its place."""

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.paybay.web.customer.texts import texts_in
from custom_components.paybay.web.posters.content import Content, Price, Size
from custom_components.paybay.web.posters.fonts import BOX, fonts, writable
from custom_components.paybay.web.posters.items import Box, Layout
from custom_components.paybay.web.posters.layout import (
    CODE_LEAST,
    MARGIN,
    WHITE,
    compose,
)
from custom_components.paybay.web.posters.shaping import cut, shape, wrap

from .poster_samples import NAMES, PRICES, ink, overlaps, sample

LONG = "Shri Venkateshwara Parking and Two-Wheeler Charging Point number forty-two"
words = st.text(
    st.sampled_from("".join(NAMES.values()) + "abc XYZ-1,₹ ள்க்ష్ಕ್ಷक्ष"), max_size=80
)


def glyph_ids(text: str, language: str = "en", *, bold: bool = False) -> list[int]:
    return [glyph.id for glyph in shape(text, language, bold=bold).glyphs]


def right_on(layout: Layout) -> None:
    """Check that nothing leaves the margins, covers another, or crowds the code."""
    scale = layout.width / 105
    edge = MARGIN * scale - 0.01
    assert overlaps(layout.texts) == []
    for text in layout.texts:
        at = ink(text)
        assert at.x >= edge, text.line.text
        assert at.y >= edge, text.line.text
        assert at.x + at.width <= layout.width - edge, text.line.text
        assert at.y + at.height <= layout.height - edge, text.line.text
    for box in (item for item in layout.items if isinstance(item, Box)):
        assert edge <= box.x <= box.x + box.width <= layout.width - edge
        assert edge <= box.y <= box.y + box.height <= layout.height - edge
    code = layout.code
    quiet = 4 * code.module - 0.01  # of ISO/IEC 18004
    for text in layout.texts:
        at = ink(text)
        beside = at.x >= code.x + code.width + quiet
        below = at.y >= code.y + code.width + quiet
        above = at.y + at.height <= code.y - quiet
        assert beside or below or above, text.line.text
    paper = [
        box
        for box in layout.items
        if isinstance(box, Box)
        and box.colour == WHITE
        and box.x <= code.x - quiet
        and box.y <= code.y - quiet
        and box.x + box.width >= code.x + code.width + quiet
        and box.y + box.height >= code.y + code.width + quiet
    ]
    assert paper, "no white around the code"
    # Its frame and its quiet zone are within what `CODE_LEAST` promises.
    assert code.width + 2 * quiet >= (CODE_LEAST - 2) * scale


@pytest.mark.parametrize("bold", [False, True])
@pytest.mark.parametrize("language", NAMES)
def test_names_have_all_their_letters(language: str, bold: bool) -> None:
    assert writable(NAMES[language]) == (NAMES[language], ())
    assert 0 not in glyph_ids(NAMES[language], language, bold=bold)


def test_letters_of_a_script_are_joined_as_its_readers_write_them() -> None:
    assert len(glyph_ids("क्ष", "hi")) == 1
    assert len(glyph_ids("श्री", "hi")) < len("श्री")
    vowel_first = glyph_ids("கெ", "ta")
    assert vowel_first == [glyph_ids("ெக", "ta")[-2], *glyph_ids("க", "ta")] or (
        vowel_first[-1] == glyph_ids("க", "ta")[0]
    )


def test_a_name_in_several_scripts_takes_each_from_its_own_font() -> None:
    line = shape("Bay १ சார்ஜிங் పాయింట్", "en", bold=True)
    used = {glyph.font.name for glyph in line.glyphs if glyph.font}
    assert used == {
        f"NotoSans{script}-Bold" for script in ("", "Devanagari", "Tamil", "Telugu")
    }


def test_the_rupee_sign_is_there_in_every_weight() -> None:
    assert all(
        any(font.has("₹") for font in fonts(bold=bold)) for bold in (True, False)
    )


def test_letters_that_no_font_has_become_boxes_and_are_told() -> None:
    assert writable("Bay ب") == (f"Bay {BOX}", ("ب",))
    (box,) = shape(BOX, "en", bold=False).glyphs
    assert box.font is None


def test_pictures_and_controls_are_left_out_and_pictures_are_told() -> None:
    assert writable("⚡️ Bay\n\t1\x00 😀") == ("Bay 1", ("⚡", "😀"))


@given(st.text(max_size=60))
def test_any_text_can_be_written(text: str) -> None:
    kept, _ = writable(text)
    assert all(
        glyph.font is None or glyph.id for glyph in shape(kept, "en", bold=True).glyphs
    )


@given(words, st.floats(min_value=3, max_value=40))
def test_wrapped_lines_lose_no_letter_and_are_never_too_long(
    text: str, width: float
) -> None:
    kept, _ = writable(text)
    lines = wrap(kept, width, "en", bold=False) if kept else []
    joined = "".join(line.text for line in lines)
    assert joined.replace(" ", "") == kept.replace(" ", "")
    assert all(line.width <= width for line in lines)


def test_a_line_that_is_cut_says_so() -> None:
    line = cut(LONG, 10, "en", bold=False)
    assert line.text.endswith("…")
    assert line.width <= 10


@pytest.mark.parametrize("size", Size)
@pytest.mark.parametrize("prices", range(1, 9))
def test_one_to_eight_prices_fit(size: Size, prices: int) -> None:
    layout = compose(sample(prices=PRICES[:prices]), size)
    right_on(layout)
    printed = {text.line.text for text in layout.texts}
    assert {price.amount for price in PRICES[:prices]} <= printed


def test_a_poster_shows_name_place_prices_payee_help_and_the_test_mark() -> None:
    layout = compose(sample(test="TEST MODE", more="More: 3"), Size.A6)
    printed = [text.line.text for text in layout.texts]
    for wanted in (
        "Bay 1",
        "Tea Stall, Market Road",
        "Pay only to Tea Stall",
        "Help: +91 00000 00000",
        "TEST MODE",
        "More: 3",
        "₹45",
        "Scooter",
    ):
        assert wanted in printed
    right_on(layout)


def test_a_sparse_poster_has_a_large_code() -> None:
    bare = sample(prices=PRICES[:1], help="", place="")
    assert compose(bare, Size.A6).code.width >= 42


@pytest.mark.parametrize("size", Size)
@pytest.mark.parametrize("language", NAMES)
def test_each_languages_own_words_fit(language: str, size: Size) -> None:
    t = texts_in(language)
    layout = compose(
        sample(
            language=language,
            name=NAMES[language],
            place=NAMES[language],
            headline=t("poster_headline"),
            steps=tuple(t(f"poster_step_{n}") for n in (1, 2, 3)),
            opens=t("poster_opens", host="charging.example.org"),
            more=t("poster_more", number="3"),
            pay_only=t("poster_pay_only", merchant="Tea Stall"),
            pay_only_more=t("poster_pay_only_more"),
            help=t("poster_help", phone="+91 00000 00000"),
            test=t("poster_test"),
        ),
        size,
    )
    right_on(layout)
    assert [text.line.text for text in layout.texts if "…" in text.line.text] == []
    assert all(glyph.id for text in layout.texts for glyph in text.line.glyphs)


@pytest.mark.parametrize("stack", ["క్ష్మ్య", "ಕ್ಷ್ಮ್ಯ", "ङ्क्ष्म्यू", "ঙ্ক্ষ্ম্যূ"])
def test_letters_stacked_deep_do_not_reach_into_the_line_below(stack: str) -> None:
    word = f"{stack} " * 9
    right_on(compose(sample(name=word.strip(), place="ÅÉÍ ÑÓ"), Size.A6))


@pytest.mark.parametrize("word", ["x", "ಕ್ಷ", "word "])
def test_a_name_without_end_is_cut_and_keeps_nobody_waiting(word: str) -> None:
    content, _ = sample(name=word * 5000, place=word * 5000).cleaned()
    layout = compose(content, Size.A6)
    names = [text.line.text for text in layout.texts if text.role == "name"]
    assert names[-1].endswith("…")
    right_on(layout)


def test_a_long_address_is_never_cut_for_its_end_says_whose_it_is() -> None:
    host = "abcdefghijklmnopqrstuvwxyz012345.ui.nabu.casa"
    layout = compose(sample(opens=f"Opens {host}"), Size.A6)
    lines = [text.line.text for text in layout.texts if text.role == "opens"]
    assert "".join(lines).replace(" ", "") == f"Opens{host}"
    right_on(layout)


def test_a_long_name_is_set_smaller_in_several_lines() -> None:
    lines = [
        text
        for text in compose(sample(name=LONG), Size.A6).texts
        if text.role == "name"
    ]
    assert 2 <= len(lines) <= 3
    assert " ".join(text.line.text for text in lines) == LONG


@settings(max_examples=25, deadline=None)
@given(
    name=words,
    place=words,
    payee=words,
    more=st.booleans(),
    prices=st.lists(st.builds(Price, buys=words, name=words, amount=words), max_size=9),
    size=st.sampled_from(Size),
)
def test_whatever_the_owner_writes_stays_in_its_place(
    *, name: str, place: str, payee: str, more: bool, prices: list[Price], size: Size
) -> None:
    content: Content = sample(
        name=name,
        place=place,
        pay_only=f"Pay only to {payee}",
        prices=tuple(prices),
        more="More prices after you scan: 3" if more else "",
        test="TEST MODE: no real money" if more else "",
    )
    right_on(compose(content.cleaned()[0], size))
