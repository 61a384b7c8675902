"""Which language an answer is in; English until it is shown to be another."""

import json
from collections import defaultdict
from pathlib import Path

import pytest

from earnest.text.language import SUPPORTED, UNDETERMINED, detect
from earnest.text.normalize import clean, comparable, words

LABELLED = Path(__file__).resolve().parents[3] / "shared/data/dev"


def may_be_english(text: str) -> bool:
    return detect(clean(text)) in {None, *SUPPORTED}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "👍👍",
        "???",
        "ok",
        "Nike",
        "Nike Adidas Puma Reebok",
        "Samsung, Huawei, Xiaomi",
        "idk tbh",
        "gr8 srvice wud recomend 2 mates",
        "i luv it soooo much bro frfr",
        "numpy pandas matplotlib scipy",
        "Its to expensiv and the stuf brakes",
        "El Paso, Texas",
        "𝓗𝓮𝓵𝓵𝓸 everybody",
    ],
)
def test_short_misspelt_and_odd_english_is_never_called_another_language(text: str) -> None:
    assert may_be_english(text)


@pytest.mark.parametrize("text", ["asdkjh", "asdf jkl qwer uiop", "hjk dfg sdf kjh", "lkjlkj lkjlkj lkj"])
def test_mash_is_no_language(text: str) -> None:
    assert detect(text) is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("I like that it is easy to use and does not cost much", "en"),
        ("El servicio fue muy bueno y la comida estaba rica", "es"),
        ("C'est trop cher pour ce que c'est", "fr"),
        ("Die Lieferung war schnell und der Preis ist gut", "de"),
        ("O atendimento foi ótimo e o preço é justo", "pt"),
        ("Ik vind het een goede prijs", "nl"),
        ("Harganya terlalu mahal untuk saya", "id"),
        ("Giá cả hợp lý và nhân viên thân thiện", "vi"),
        ("Мне очень понравилось обслуживание", "ru"),
        ("サービスがとても良かったです", "ja"),
        ("كانت الخدمة ممتازة والسعر مناسب", "ar"),
    ],
)
def test_languages_are_told_apart(text: str, code: str) -> None:
    assert detect(text) == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("muy bueno", "es"),
        ("trop cher", "fr"),
        ("keine Ahnung", "de"),
        ("muito bom", "pt"),
        ("nie wiem", "pl"),
        ("çok iyi", "tr"),
        ("hindi ko alam", "tl"),
        ("nichts", "de"),
        ("rien", "fr"),
        ("хорошо", "ru"),
    ],
)
def test_one_or_two_words_are_enough_where_english_hardly_has_them(text: str, code: str) -> None:
    assert detect(clean(text)) == code


@pytest.mark.parametrize(
    "text", ["no", "na", "si", "die hard", "pie", "pain", "chat", "gift", "Nike", "taco bell", "dk"]
)
def test_words_that_english_has_too_stay_english(text: str) -> None:
    assert may_be_english(text)


def test_another_script_is_not_english_however_short() -> None:
    assert detect("хорошо") is not None
    assert detect("非常好") is not None
    assert UNDETERMINED not in SUPPORTED


@pytest.mark.shared
@pytest.mark.skipif(not LABELLED.is_dir(), reason="the labelled data are not here")
def test_error_rates_on_real_answers() -> None:
    texts: dict[str, set[str]] = defaultdict(set)
    for source in ("loweffort_surveys", "loweffort_anes08", "irrelevant_nhs_fft", "irrelevant_protoqa", "llm_imbd"):
        for line in (LABELLED / f"{source}.jsonl").read_text().splitlines():
            row = json.loads(line)
            texts[row["lang"]].add(clean(row["answer"]))
    english = texts["en"]
    assert sum(not may_be_english(text) for text in english) < 0.005 * len(english)
    for language in ("es", "pt"):
        foreign = [text for text in texts[language] if len(words(comparable(text))) >= 4]
        assert sum(not may_be_english(text) for text in foreign) > 0.9 * len(foreign)
