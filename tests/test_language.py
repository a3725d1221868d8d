"""Whether a text is English."""

from __future__ import annotations

import pytest
from seed_articles import SEEDS, Seed

from adsift.language import is_foreign

ENGLISH = "The rain fell on the hills for hours, and the ferry did not sail until the evening. " * 2
FOREIGN = {
    "de": "Der Regen fiel stundenlang auf die Hügel, und die Fähre fuhr erst am Abend ab.",
    "nl": "De regen viel urenlang op de heuvels, en de veerboot vertrok pas in de avond.",
    "fr": "La pluie est tombée des heures sur les collines, et le bac n'est parti que le soir.",
    "es": "La lluvia cayó durante horas sobre las colinas, y el barco no salió hasta la noche.",
    "sv": "Regnet föll i timmar över kullarna, och färjan gick inte förrän på kvällen.",
    "pl": "Deszcz padał godzinami na wzgórza, a prom odpłynął dopiero wieczorem.",
    "ru": "Дождь шёл над холмами несколько часов, и паром отошёл только вечером.",
    "zh": "雨在山上下了好几个小时,渡轮直到晚上才开。",
    "ja": "雨は何時間も丘に降り続き、渡し船は夕方まで出なかった。",
}


FOOTER = (
    "Copyright 2025 The Ferry Post. All rights reserved. Nothing may be used without permission."
)


@pytest.mark.parametrize("text", FOREIGN.values(), ids=FOREIGN)
def test_other_languages(text: str) -> None:
    assert is_foreign([text] * 6)
    assert is_foreign([text, text, text, text, FOOTER])
    assert not is_foreign([ENGLISH, text, FOOTER])


def test_english_with_few_verbs() -> None:
    assert not is_foreign(
        [
            *("2 cups flour, sifted", "1 tsp salt", "3 eggs, room temperature", "Preheat oven."),
            "Preheat oven to 350. Mix flour, salt, sugar and eggs in large bowl until smooth.",
            "Bake 25 minutes, turning once. Cool on rack. Serve warm or freeze up to two weeks.",
            "Council votes for new budget",
            "Storm leaves thousands of homes without power",
        ]
    )


@pytest.mark.parametrize("text", ["", "Am Mittag fuhr sie ab.", "$19.99", "雨"])
def test_nothing_is_said_of_a_few_words(text: str) -> None:
    assert not is_foreign([text])


def test_the_furniture_of_an_english_page_does_not_count() -> None:
    assert not is_foreign([*["Home", "Sport", "Wetter", "Login"] * 100, ENGLISH])


@pytest.mark.parametrize("seed", SEEDS, ids=lambda seed: seed.path.name)
def test_seeds_are_english(seed: Seed) -> None:
    assert not is_foreign(seed.texts)
