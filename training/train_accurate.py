"""Make the accurate tier's bundle: ``python training/train_accurate.py --data ../shared/data``.

Needs ``pip install -e '.[teach]'`` and the fast bundle that it is to stand behind. A tagger and a
transformer are trained without the sites of one fold and label their pages: their opinions of these
calibrate the probabilities and the bound, and give the figures in the card. Then the transformer
goes on with everything, and the tagger, which takes minutes, is trained anew on it.
About two hours on two cores.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

import adsift
from accurate.graph import make_graph
from accurate.learn import Round, Settings, learn
from accurate.network import FROZEN, HEADS, INNER, LAYERS, SIZE, Network
from accurate.tagger import TaggerNetwork, TaggerSettings, learn_tagger
from adsift.document import Document, Label, TaggedParagraph
from adsift.model.bundle import WEIGHTS, Bundle, read_bundle, write_bundle
from adsift.model.calibration import fit_temperature
from adsift.model.classifier import HEADS as KINDS_OF_DOCUMENT
from adsift.model.classifier import (
    KINDS,
    LABELS,
    Classifier,
    head_of,
    in_millionths,
    read_costs,
    softmax,
    tag_paragraphs,
)
from adsift.model.examples import counted_words
from adsift.model.fit import LabelledDocument, cross_fit_signals, fit
from adsift.model.fit import Settings as FastSettings
from adsift.model.risk import calibrate, describe
from adsift.model.transformer.cascade import Cascade
from adsift.model.transformer.encoder import MODULE, encoder_folder
from adsift.model.transformer.encoder import WEIGHTS as ENCODER_WEIGHTS
from adsift.model.transformer.network import Transformer
from adsift.model.transformer.tagger import Tagger
from arguments import script_parser, teller
from card import make_accurate_card, score_table
from dataset import ROOT, Page, codebook_version, label_pages, read_pages, read_seeds
from evaluate import SOURCES, VIEWS, assign_folds, score
from pitches import add_pitches
from recipe import fast_settings
from suspects import find_suspects, write_suspects
from written import read_written

if TYPE_CHECKING:
    from adsift.model.bundle import Arrays

COSTS = {"markup": [1.0, 1.5, 1.0, 1.8], "plain": [1.0, 1.5, 1.0, 1.8]}
"""What it costs to miss news, analysis, boilerplate, commerce, and"""
SHARES = {
    "markup": {"fast": 0.0, "tagger": 0.6, "transformer": 0.4},
    "plain": {"fast": 0.1, "tagger": 0.45, "transformer": 0.45},
}
"""the models' shares in their pool; both chosen on one fold, see EXPERIMENTS.md."""

Say = Callable[[str], None]


class Learned(NamedTuple):
    """What a run trains."""

    tagger: TaggerNetwork
    transformer: Network

    def bundle(self, config: dict[str, Any], calibration: Arrays | None = None) -> Bundle:
        """The bundle of both, without a card."""
        network = self.transformer
        size = (len(network.words), len(network.mean))
        return Bundle(
            config,
            {**network.arrays(), **self.tagger.arrays(), **(calibration or {})},
            "",
            make_graph(LAYERS, FROZEN, HEADS, SIZE, INNER, *size),
        )


class Recipe(NamedTuple):
    """All that the parts of a run share."""

    pages: list[Page]
    labelled: list[LabelledDocument]
    seeds: list[LabelledDocument]
    written: list[LabelledDocument]
    settings: Settings
    fast: FastSettings
    jobs: int
    say: Say


def main() -> None:
    parser = script_parser(__doc__, Settings().seed)
    parser.add_argument("--base", type=Path, default=ROOT / "models" / "default")
    parser.add_argument("--output", type=Path, default=ROOT / "models" / "accurate")
    parser.add_argument("--folds", type=int, choices=range(2, 11), default=3, metavar="2…10")
    parser.add_argument("--held-out", type=int, default=0, help="which fold, from 0")
    parser.add_argument("--bfloat16", action="store_true", help="see accurate/learn.py")
    parser.add_argument("--suspects", type=Path, help="list the labels here that look wrong")
    args = parser.parse_args()
    say = teller()
    pages = read_pages(args.data)
    labelled = label_pages(pages, args.jobs)
    settings = Settings(bfloat16=args.bfloat16, seed=args.seed)
    recipe = Recipe(
        pages, labelled, read_seeds(), read_written(), settings, fast_settings(), args.jobs, say
    )
    base = read_bundle(args.base)
    folds = assign_folds([page.site for page in pages], recipe.fast.seed, args.folds)
    seen = [d for d in recipe.labelled if folds[d.group] != args.held_out]
    learned = learn_both(recipe, seen, settings.rounds)
    unseen = [*judge_fold(recipe, args.held_out, folds, learned)]
    calibration = calibrate_on(unseen, settings.seed)
    scores = score_folds(unseen, calibration.config["temperature"])
    if args.suspects:
        judged = [(j.page.id, j.tagged, j.labels) for j in unseen if j.view == "html" and j.labels]
        write_suspects(args.suspects, find_suspects(judged))
    say("going on with everything")
    learned = learn_both(recipe, labelled, settings.last, learned.transformer)
    config = {
        **bundle_config(base, settings),
        "folds": f"One of {args.folds} folds parted by site, held out until it was judged",
        **calibration.config,
        "name": args.output.name,
        "adsift": adsift.__version__,
        "scores": scores,
        "data": {
            "pages": len(pages),
            "sites": len({page.site for page in pages}),
            "written": len({document.group for document in recipe.written}),
        },
        "codebook": codebook_version(args.data),
    }
    bundle = learned.bundle(config, calibration.arrays)
    config["rejudged"] = rejudged_shares(Classifier(base), bundle, pages)
    write_bundle(args.output, replace(bundle, card=make_accurate_card(config)))
    print(score_table(scores))
    say(f"written to {args.output}")


def rejudged_shares(fast: Classifier, bundle: Bundle, pages: list[Page]) -> dict[str, float]:
    """The share of paragraphs that the transformer reads, by view, on every tenth page."""
    shares = {}
    for view in VIEWS:
        cascade = as_cascade(bundle, fast)
        for _ in adsift.Separator(cascade).tag_many(SOURCES[view](page) for page in pages[::10]):
            pass
        shares[view] = round(cascade.rejudged / max(cascade.judged, 1), 3)
    return shares


def as_cascade(bundle: Bundle, fast: Classifier) -> Cascade:
    """The accurate tier in memory."""
    return Cascade(bundle, fast, Tagger.of(bundle.arrays), Transformer(bundle))


class Judged(NamedTuple):
    """A page of a fold in one view, as models that have not seen its site tag it."""

    fold: int
    view: str
    page: Page
    tagged: list[TaggedParagraph]
    labels: list[Label | None] | None


def judge_fold(
    recipe: Recipe, fold: int, folds: dict[str, int], learned: Learned
) -> Iterator[Judged]:
    """Tag a fold's pages with models, the fast one among them, that have not seen them."""
    training = [d for d in recipe.labelled if folds[d.group] != fold]
    documents = [*add_pitches(training, recipe.fast.seed), *recipe.seeds]
    fitted = fit(documents, recipe.fast, recipe.jobs)
    fast = Classifier(Bundle(fitted.config, fitted.arrays, ""))
    config = {**bundle_config(None, recipe.settings), "temperature": {}}
    config["temperature"] = dict.fromkeys(KINDS_OF_DOCUMENT, 1.0)
    yield from judge_pages(recipe, fold, folds, VIEWS, fast, learned.bundle(config))


def judge_pages(
    recipe: Recipe,
    fold: int,
    folds: dict[str, int],
    views: Sequence[str],
    fast: Classifier,
    bundle: Bundle,
) -> Iterator[Judged]:
    """Tag a fold's pages with models that were trained on the other folds."""
    separator = adsift.Separator(as_cascade(bundle, fast))
    count = len(recipe.pages)
    for index, page in enumerate(recipe.pages):
        if folds[page.site] != fold:
            continue
        for view in views:
            document: Document = SOURCES[view](page)
            labels = {"html": index, "text": count + index}.get(view)
            yield Judged(
                fold,
                view,
                page,
                separator.tag(document),
                None if labels is None else recipe.labelled[labels].labels,
            )
    recipe.say(f"fold {fold} judged")


def calibrate_on(unseen: Sequence[Judged], seed: int) -> Bundle:
    """Temperature and bound from pages that the models have not seen."""
    temperature: dict[str, float] = {}
    arrays: dict[str, Any] = {}
    pages: dict[str, int] = {}
    for name in KINDS_OF_DOCUMENT:
        own = [
            judged
            for judged in unseen
            if judged.labels is not None
            and judged.tagged
            and head_of([p.paragraph for p in judged.tagged]) == name
        ]
        scores = np.log(np.concatenate([_probabilities(judged.tagged) for judged in own]))
        truth = np.array([LABELS.index(x) if x else -1 for j in own for x in j.labels or ()])
        counted = np.concatenate([counted_words([p.paragraph for p in j.tagged]) for j in own])
        document = np.repeat(np.arange(len(own)), [len(judged.tagged) for judged in own])
        weights = counted / np.bincount(document, counted)[document]
        known = np.flatnonzero(truth >= 0)

        temperature[name] = fit_temperature(scores[known], truth[known], weights[known])
        calibrated = softmax(scores / temperature[name])
        rng = np.random.default_rng(seed)
        risk = calibrate(calibrated, truth, counted, document, rng)
        arrays |= {f"{name}.{part}": array for part, array in risk.items()}
        pages[name] = len(risk["risk.content"])
    return Bundle({"temperature": temperature, "risk": describe(pages)}, arrays, "")


def score_folds(
    unseen: Sequence[Judged], temperature: dict[str, float]
) -> dict[str, dict[str, list[float]]]:
    """The figures of METRICS.md for each view, a number for each fold."""
    scores: dict[str, dict[str, list[float]]] = {}
    for view in dict.fromkeys(judged.view for judged in unseen):
        for fold in sorted({judged.fold for judged in unseen}):
            own = [j for j in unseen if j.view == view and j.fold == fold]
            tagged = [_at_temperature(judged.tagged, temperature) for judged in own]
            figures = score([judged.page for judged in own], tagged, view)
            for name, value in figures.items():
                scores.setdefault(view, {}).setdefault(name, []).append(round(value, 4))
    return scores


def bundle_config(base: Bundle | None, settings: Settings) -> dict[str, Any]:
    """What the runtime must know of the network."""
    weights = encoder_folder() / ENCODER_WEIGHTS
    stands_behind = base and {"name": base.config["name"], "sha256": base.config["files"][WEIGHTS]}
    return {
        "labels": list(LABELS),
        "base": stands_behind,
        "encoder": {
            "module": MODULE,
            "sha256": hashlib.sha256(weights.read_bytes()).hexdigest(),
            "layers": LAYERS,
            "frozen": FROZEN,
        },
        "costs": COSTS,
        "shares": SHARES,
        "settings": {**asdict(settings), "tagger": asdict(TaggerSettings(seed=settings.seed))},
    }


def learn_both(
    recipe: Recipe,
    labelled: Sequence[LabelledDocument],
    rounds: Sequence[Round],
    network: Network | None = None,
) -> Learned:
    """Train the tagger from scratch, and a transformer from the published one or a given one."""
    documents = [*add_pitches([*labelled], recipe.fast.seed), *recipe.seeds]
    # The fast bundle does not learn from the written pages, but its opinion of them is needed.
    everything = [*documents, *recipe.written]
    signals = cross_fit_signals(everything, recipe.fast, recipe.jobs)
    pairs = [*zip(everything, signals, strict=True)]
    real, written = pairs[: len(documents)], pairs[len(documents) :]
    tagger = learn_tagger(real, written, TaggerSettings(seed=recipe.settings.seed), recipe.say)
    return Learned(tagger, learn(real, written, rounds, recipe.settings, recipe.say, network))


def _probabilities(tagged: Sequence[TaggedParagraph]) -> np.ndarray:
    rows = np.array([[p.probabilities[label] for label in Label] for p in tagged])
    return np.maximum(rows, 1e-7)


def _at_temperature(
    tagged: list[TaggedParagraph], temperature: dict[str, float]
) -> list[TaggedParagraph]:
    if not tagged:
        return tagged
    paragraphs = [p.paragraph for p in tagged]
    calibrated = softmax(np.log(_probabilities(tagged)) / temperature[head_of(paragraphs)])
    kinds = np.array([KINDS.index(p.kind) if p.kind else 0 for p in tagged])
    costs = read_costs(Bundle({"costs": COSTS}, {}, ""))
    return tag_paragraphs(paragraphs, in_millionths(calibrated), kinds, costs)


if __name__ == "__main__":
    main()
