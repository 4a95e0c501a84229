"""Every catalogue of the customer's pages: complete, in its own script, and short.

A new text goes into all of `web/locales/*.json` at once. docs/languages.md says how to
write them, and how a native reader signs a catalogue.
"""

from collections.abc import Iterator, Mapping
from datetime import date
import json
from pathlib import Path
import re
import string
import subprocess
import sys
import unicodedata
from zoneinfo import ZoneInfo

from babel import Locale
from hypothesis import given, strategies as st
import pytest

from custom_components.paybay.domain.hours import OpeningHours
from custom_components.paybay.web.customer import signatures, texts, wording
from custom_components.paybay.web.customer.signatures import Standing
from script._sign_language import main

ROOT = Path(__file__).parents[3]
SCRIPTS = {
    "bn": "BENGALI",
    "en": "LATIN",
    "gu": "GUJARATI",
    "hi": "DEVANAGARI",
    "kn": "KANNADA",
    "mr": "DEVANAGARI",
    "ta": "TAMIL",
    "te": "TELUGU",
}
CODES = tuple(dict(texts.LANGUAGES))
OTHERS = tuple(code for code in CODES if code != "en")
LATIN_WORDS = {
    *("UPI", "ID", "RRN", "UTR", "QR", "PIN", "SMS", "WhatsApp"),
    *("GST", "GSTIN", "CGST", "SGST", "SAC"),
}
"""What is written in Latin letters on every phone of India."""
SAME_AS_ENGLISH = {"row_cgst", "row_gstin", "row_sac", "row_sgst"}
"""Keys whose text needs no translation."""
BUTTONS = (
    "add_time",
    "again",
    "back",
    "cancel",
    "pay",
    "stop",
    "stop_no",
    "stop_yes",
    "your_order_open",
)
INDIA = ZoneInfo("Asia/Kolkata")
AT_MS = 1_795_300_000_000  # 22 November 2026, 03:56 in India
WHAT_TO_DO = (
    "Each text stands in every file of web/locales, with the same placeholders. Write "
    "it there as docs/languages.md tells: short, plain, counts with the forms of CLDR."
)

type Text = str | Mapping[str, str]


def catalogue(code: str) -> dict[str, Text]:
    found = json.loads((texts.FOLDER / f"{code}.json").read_text("utf-8"))
    return {key: text for key, text in found.items() if not key.startswith("_")}


ENGLISH = catalogue("en")


def forms(text: Text) -> list[str]:
    return [text] if isinstance(text, str) else list(text.values())


def all_forms(code: str) -> Iterator[tuple[str, str]]:
    for key, text in catalogue(code).items():
        yield from ((key, form) for form in forms(text))


def fields(text: str) -> list[str]:
    return sorted(name for _, name, _, _ in string.Formatter().parse(text) if name)


def words_of(text: str) -> list[str]:
    """Return what letters a text has, without placeholders."""
    return re.findall(r"[^\W\d_]+", re.sub(r"\{\w+\}", " ", text))


def script_of(letter: str) -> str:
    return unicodedata.name(letter, "?").split(" ", maxsplit=1)[0]


def test_eight_languages_are_there_by_their_own_names() -> None:
    assert dict(texts.LANGUAGES) == {
        "en": "English",
        "bn": "বাংলা",
        "gu": "ગુજરાતી",
        "hi": "हिन्दी",
        "kn": "ಕನ್ನಡ",
        "mr": "मराठी",
        "ta": "தமிழ்",
        "te": "తెలుగు",
    }
    assert texts.LANGUAGES[0][0] == texts.DEFAULT


@pytest.mark.parametrize("code", OTHERS)
def test_nothing_is_untranslated_or_left_over(code: str) -> None:
    other = catalogue(code)
    missing, extra = ENGLISH.keys() - other.keys(), other.keys() - ENGLISH.keys()
    assert not missing, f"{code}.json lacks {sorted(missing)}. {WHAT_TO_DO}"
    assert not extra, f"{code}.json has {sorted(extra)}, en.json has not. {WHAT_TO_DO}"


@pytest.mark.parametrize("code", CODES)
def test_every_form_has_the_placeholders_of_the_english_text(code: str) -> None:
    wrong = [
        (key, form)
        for key, form in all_forms(code)
        if not form.strip() or fields(form) != fields(forms(ENGLISH[key])[-1])
    ]
    assert wrong == [], WHAT_TO_DO


@pytest.mark.parametrize("code", CODES)
def test_counts_have_exactly_the_forms_of_the_language(code: str) -> None:
    categories = {*Locale.parse(code).plural_form.tags, "other"}
    counted = {k: t for k, t in catalogue(code).items() if not isinstance(t, str)}
    assert counted.keys() == {k for k, t in ENGLISH.items() if not isinstance(t, str)}
    wrong = {k: sorted(t) for k, t in counted.items() if set(t) != categories}
    assert wrong == {}, f"{code} has the forms {sorted(categories)} (CLDR)"


@pytest.mark.parametrize("code", CODES)
def test_texts_are_in_the_languages_own_script(code: str) -> None:
    foreign = [
        (key, word)
        for key, form in all_forms(code)
        for word in words_of(form)
        if {script_of(letter) for letter in word} != {SCRIPTS[code]}
        and word not in LATIN_WORDS
    ]
    assert foreign == []


@pytest.mark.parametrize("code", OTHERS)
def test_texts_are_translated(code: str) -> None:
    same = {key for key, text in catalogue(code).items() if text == ENGLISH[key]}
    assert same <= SAME_AS_ENGLISH


def test_marathi_is_not_hindi() -> None:
    """They share a script, so a text in the wrong file would not be seen by it."""
    hindi, marathi = catalogue("hi"), catalogue("mr")
    same = [key for key, text in marathi.items() if text == hindi[key]]
    assert len(same) < len(marathi) / 10, same


@pytest.mark.parametrize("code", CODES)
def test_texts_have_no_markup_and_clean_letters(code: str) -> None:
    for key, form in all_forms(code):
        assert not re.search(r"[<>&\\`*]|\s\s|^\s|\s$", form), (key, form)
        assert form == unicodedata.normalize("NFC", form), (key, form)
        kinds = {unicodedata.category(letter) for letter in form}
        assert not kinds & {"Cc", "Cn", "Co", "Cs"}, (key, form)


@pytest.mark.parametrize("code", CODES)
def test_numbers_in_texts_are_in_latin_digits(code: str) -> None:
    digits = {
        letter for _, form in all_forms(code) for letter in form if letter.isdecimal()
    }
    assert digits <= set(string.digits)


def width(text: str) -> int:
    """Return about how wide a text is: marks stand over or under their letter."""
    return sum(not unicodedata.category(letter).startswith("M") for letter in text)


@pytest.mark.parametrize("code", OTHERS)
def test_no_text_is_much_longer_than_the_english_one(code: str) -> None:
    long = [
        (key, form)
        for key, form in all_forms(code)
        if width(form) > 12 + 1.6 * width(forms(ENGLISH[key])[-1])
    ]
    assert long == []


@pytest.mark.parametrize("code", CODES)
def test_words_on_buttons_fit_a_small_phone(code: str) -> None:
    found = catalogue(code)
    long = [key for key in BUTTONS for form in forms(found[key]) if width(form) > 30]
    assert long == []


@pytest.mark.parametrize("code", CODES)
def test_a_count_chooses_its_form(code: str) -> None:
    t, forms_ = texts.texts_in(code), catalogue(code)["unit_min"]
    assert not isinstance(forms_, str)
    assert t("unit_min", count=1) == forms_["one"].format(count="1")
    assert t("unit_min", count=10) == forms_["other"].format(count="10")


@pytest.mark.parametrize("code", CODES)
@given(number=st.integers(min_value=0, max_value=10**9))
def test_numbers_are_grouped_in_latin_digits(code: str, number: int) -> None:
    shown = texts.texts_in(code).number(number)
    assert set(shown) <= {*string.digits, ","}
    assert shown.replace(",", "") == str(number)


@pytest.mark.parametrize("code", CODES)
def test_times_and_dates_are_written_in_latin_digits(code: str) -> None:
    t = texts.texts_in(code)
    today = wording.time_of(t, AT_MS, AT_MS, INDIA)
    other_day = wording.time_of(t, AT_MS, AT_MS + 86_400_000, INDIA)
    receipt = wording.date_of(t, AT_MS, INDIA)
    assert re.fullmatch(r"0?3:56\sam", today, re.IGNORECASE)
    assert other_day.endswith(today)
    assert "22" in other_day
    assert {"22", "2026"} <= set(re.findall(r"\d+", receipt))
    opening = OpeningHours(
        opens_min=9 * 60, closes_min=21 * 60, weekdays=frozenset({0})
    )
    opens = re.findall(r"\d+", wording.hours(t, opening))
    assert [int(number) for number in opens] == [9, 0, 9, 0]


def test_pages_are_worded_without_reading_a_file() -> None:
    """Babel reads its files when first asked: that must not be in the event loop."""
    program = (
        "import builtins\n"
        "from custom_components.paybay.domain.hours import OpeningHours\n"
        "from custom_components.paybay.domain.money import Money\n"
        "from custom_components.paybay.web.customer import texts, wording\n"
        "from zoneinfo import ZoneInfo\n"
        "zone = ZoneInfo('Asia/Kolkata')\n"
        "def refuse(*args, **kwargs):\n"
        "    raise AssertionError(args)\n"
        "builtins.open = refuse\n"
        "for code, _ in texts.LANGUAGES:\n"
        "    t = texts.texts_in(code)\n"
        "    wording.time_of(t, 0, 10**12, zone), wording.date_of(t, 0, zone)\n"
        "    wording.duration(t, 5_400_000), wording.hours(t, OpeningHours())\n"
        "for currency in ('INR', 'EUR', 'CHF'):\n"
        "    wording.money(Money(12_345_678, currency))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], check=False)
    assert done.returncode == 0


def test_a_signature_holds_until_a_text_changes(tmp_path: Path) -> None:
    path = tmp_path / "ta.json"
    path.write_text((texts.FOLDER / "ta.json").read_text("utf-8"), "utf-8")
    before = json.loads(path.read_text("utf-8"))
    before["_signed"] = None
    assert signatures.standing(before) is Standing.MACHINE
    signatures.sign(path, " A. Reader ", date(2026, 11, 22))
    signed = json.loads(path.read_text("utf-8"))
    assert signatures.standing(signed) is Standing.READ
    assert signed["_signed"]["by"] == "A. Reader"
    assert signed["_signed"]["on"] == "2026-11-22"
    kept = {key: text for key, text in signed.items() if not key.startswith("_")}
    assert kept == catalogue("ta")
    assert signatures.standing({**signed, "stop": "?"}) is Standing.CHANGED
    assert signatures.standing({**signed, "new_key": "?"}) is Standing.CHANGED
    back = dict(reversed(signed.items()))
    assert signatures.standing(back) is Standing.READ


def test_nobody_signs_without_a_name(tmp_path: Path) -> None:
    path = tmp_path / "ta.json"
    path.write_text("{}", "utf-8")
    with pytest.raises(ValueError, match="name"):
        signatures.sign(path, " ", date(2026, 11, 22))
    assert path.read_text("utf-8") == "{}"


@pytest.mark.parametrize("code", OTHERS)
def test_every_catalogue_says_whether_somebody_has_read_it(code: str) -> None:
    told = json.loads((texts.FOLDER / f"{code}.json").read_text("utf-8"))
    machine = texts.texts_in(code).standing is Standing.MACHINE
    assert "_signed" in told
    assert machine == told["_note"].startswith("Machine-written")
    assert (code in texts.unsigned()) == (signatures.standing(told) != Standing.READ)


def test_the_document_tells_who_has_read_what() -> None:
    table = (ROOT / "docs" / "languages.md").read_text("utf-8")
    for code, name in texts.LANGUAGES[1:]:
        unread = "not yet: machine-written" if code in texts.unsigned() else "signed"
        assert f"| `{code}` | {name} | {unread} |" in table


@pytest.mark.parametrize("code", ["xx", "en", "../ta"])
def test_only_what_is_a_translation_can_be_signed(
    code: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(code, "A. Reader") == 1
    assert "no language" in capsys.readouterr().err
