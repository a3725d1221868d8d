"""Pitches put into clean articles: what the labelled pages show too rarely.

A pitch such as "Hand-Crank Radios – Stay informed when the grid goes quiet" at the end of a news
article is what adsift exists for, but few of the labelled pages end like that. So some of those
without any commerce get one to three pitches of our own making behind their last paragraph of
news or analysis. Only training documents do, never those that are scored.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from adsift.document import CommerceKind, Label, Paragraph
from adsift.model.labelled_document import LabelledDocument

SHARE = 0.5
"""Share of the documents without commerce that get pitches."""

_GOODS = {
    "outdoors": (
        "Trail Headlamps|Folding Saws|Fire Starters|Paracord Bracelets|Camping Stoves|"
        "Emergency Blankets|Dry Bags|Water Purifier Straws|Survival Whistles|Utility Knives",
        "Be ready for whatever the night brings|Packs small, works hard|"
        "Light the way when the power fails|Built to take a beating in the backcountry|"
        "Stay warm, stay dry, stay on the move|A must for every go-bag",
    ),
    "kitchen": (
        "Cast-Iron Skillets|Silicone Lids|Digital Meat Thermometers|Herb Scissors|Pour-Over Sets|"
        "Vacuum Sealers|Chef's Knives|Garlic Presses",
        "Get dinner on the table in half the time|Keep leftovers fresh for days|"
        "Even heat, easy cleaning|Bring out the flavor in every cup|The last one you will need",
    ),
    "home": (
        "Robot Vacuums|Draft Stoppers|Smart Plugs|Air Purifiers|Blackout Curtains|Tool Organizers|"
        "LED Light Strips|Moisture Meters",
        "Breathe easier in every room|Cut your heating bill this winter|"
        "Set it up once and forget about it|Sleep better from the first night|"
        "Bring order to the messiest garage",
    ),
    "pets and garden": (
        "Chew-Proof Leashes|Slow-Feeder Bowls|Self-Watering Planters|Pruning Shears|Bird Feeders|"
        "Cat Fountains|Raised Bed Kits|Pet Hair Rollers",
        "Keep tails wagging on every walk|No more guessing when to water|"
        "Clean cuts without sore hands|Turn any balcony into a garden|"
        "Fresh water around the clock, for happier pets",
    ),
    "travel and desk": (
        "Packing Cubes|Neck Pillows|Noise-Cancelling Headphones|Laptop Stands|Power Banks|"
        "Anti-Theft Backpacks|Luggage Scales|Ergonomic Mice",
        "Fit a week into a carry-on|Arrive rested, even from the middle seat|"
        "Shut out the world and get to work|Charge everything, everywhere|"
        "Travel with peace of mind|Your wrists will thank you",
    ),
    "health and money": (
        "Resistance Bands|Blood Pressure Monitors|Magnesium Gummies|Posture Correctors|Gold Coins|"
        "Document Safes|Budget Planners|Compression Socks",
        "Train anywhere, in ten minutes a day|Know your numbers at a glance|"
        "Protect what you have worked for|Support that lasts all day|"
        "Take control of your savings, starting today",
    ),
}
_SHAPES = (
    "{good} – {reason}.",
    "{good} – {reason}.",
    "{good} — {reason}.",
    "{good}: {reason}.",
    "{good} – {reason} — {second}.",
    "{good} - {reason}",
    "{reason} with {good}.",
)


def add_pitches(documents: list[LabelledDocument], seed: int) -> list[LabelledDocument]:
    """The documents, some of those without commerce with pitches in them."""
    random = np.random.default_rng(seed)
    return [
        _with_pitches(document, random)
        if Label.COMMERCE not in document.labels and random.random() < SHARE
        else document
        for document in documents
    ]


def _with_pitches(document: LabelledDocument, random: np.random.Generator) -> LabelledDocument:
    content = [
        index
        for index, (label, paragraph) in enumerate(
            zip(document.labels, document.paragraphs, strict=True)
        )
        if label in (Label.NEWS, Label.ANALYSIS) and len(paragraph.text) > 80
    ]
    if len(content) < 3:
        return document
    place = content[-1] + 1
    before = document.paragraphs[content[-1]]
    count = int(random.integers(1, 4))
    pitches = [_pitch(before, random) for _ in range(count)]
    labels: list[Label | None] = [Label.COMMERCE] * count
    kinds: list[CommerceKind | None] = [CommerceKind.PRODUCT] * count
    taught = document.taught
    if taught is not None:
        sold = np.eye(len(Label), dtype=np.float32)[[list(Label).index(Label.COMMERCE)] * count]
        taught = np.concatenate([taught[:place], sold, taught[place:]])
    return replace(
        document,
        paragraphs=[*document.paragraphs[:place], *pitches, *document.paragraphs[place:]],
        labels=[*document.labels[:place], *labels, *document.labels[place:]],
        kinds=[*document.kinds[:place], *kinds, *document.kinds[place:]],
        taught=taught,
        made_up=frozenset(range(place, place + count)),
    )


def _pitch(before: Paragraph, random: np.random.Generator) -> Paragraph:
    """A paragraph like the one before it, that sells."""
    goods, reasons = _GOODS[str(random.choice(list(_GOODS)))]
    reason, second = random.choice(reasons.split("|"), 2, replace=False)
    text = str(random.choice(_SHAPES)).format(
        good=random.choice(goods.split("|")), reason=reason, second=second.lower()
    )
    return Paragraph(text, tag=before.tag, ancestors=before.ancestors)
