"""Make the accurate tier's bundle: ``python training/train_accurate.py --data ../shared/data``.

Needs ``pip install -e '.[teach]'`` and the fast bundle that it is to stand behind. A tagger and a
transformer are trained without the sites of one fold and label their pages, behind a fast model
that has not seen them either: their opinions of these calibrate the probabilities and the bound,
and give the figures in the card. Then the transformer goes on with everything, and the tagger is
trained anew on it.
With ``--bfloat16`` the two trainings of the transformer took 66 and 63 minutes of two cores.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

import adsift
from accurate.graph import Sizes, make_graph
from accurate.learn import Round, Settings, learn
from accurate.network import Network
from accurate.published import NAME, SHA256, Published, read_published
from adsift.document import Document, Label, TaggedParagraph
from adsift.model.bundle import WEIGHTS, Bundle, read_bundle, write_bundle
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
from adsift.model.fit import LabelledDocument, fit_alone
from adsift.model.fit import Settings as FastSettings
from adsift.model.transformer.cascade import Cascade
from adsift.model.transformer.network import Transformer
from arguments import script_parser, teller
from calibrating import Opinion, calibrate_on
from card import make_accurate_card, score_table
from dataset import ROOT, Page, codebook_version
from evaluate import SOURCES, VIEWS, Data, assign_folds, score
from fast import fit_fast, unseen_signals
from pitches import add_pitches
from recipe import TaggerSettings, fast_settings
from suspects import find_suspects, write_suspects
from tagger import learn_tagger

if TYPE_CHECKING:
    from adsift.model.bundle import Arrays

COSTS = {"markup": [1.0, 1.5, 1.0, 1.5], "plain": [1.1, 1.6, 0.9, 2.0]}
"""What it costs to miss news, analysis, boilerplate, commerce, and"""
SHARES = {head: {"fast": 0.1, "tagger": 0.3, "transformer": 0.6} for head in KINDS_OF_DOCUMENT}
"""the models' shares in their pool; both chosen on one fold, see EXPERIMENTS.md."""

TAGGER = TaggerSettings(passes=4, vector=64, units=160, width=5, teachers=0, seed=2)
"""A larger one than the fast bundle's, from another seed: what they agree on is surer."""

Say = Callable[[str], None]


class Learned(NamedTuple):
    """What a run trains: the tagger's arrays, and the transformer."""

    tagger: Arrays
    transformer: Network

    def bundle(self, config: dict[str, Any], calibration: Arrays | None = None) -> Bundle:
        """The bundle of both, without a card."""
        network = self.transformer
        arrays = {**network.arrays(), **self.tagger, **(calibration or {})}
        graph = make_graph(network.sizes, len(network.mean))
        return Bundle(config, arrays, "", graph, network.tokenizer)


class Recipe(NamedTuple):
    """All that the parts of a run share."""

    data: Data
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
    parser.add_argument("--encoder", type=Path, help="folder of the published encoder")
    parser.add_argument("--bfloat16", action="store_true", help="see accurate/learn.py")
    parser.add_argument("--suspects", type=Path, help="list the labels here that look wrong")
    args = parser.parse_args()
    say = teller()
    data = Data.read(args.data, args.jobs)
    settings = Settings(bfloat16=args.bfloat16, seed=args.seed)
    recipe = Recipe(data, settings, fast_settings(), args.jobs, say)
    base = read_bundle(args.base)
    folds = assign_folds([page.site for page in data.pages], recipe.fast.seed, args.folds)
    published = read_published(args.encoder)
    learned = learn_both(recipe, data.without(args.held_out, folds), settings.rounds, published)
    unseen = [*judge_fold(recipe, base, args.held_out, folds, learned)]
    calibration = calibrate_on(opinions_of(unseen), settings.seed)
    scores = score_folds(unseen, calibration.config["temperature"])
    if args.suspects:
        judged = [(j.page.id, j.tagged, j.labels) for j in unseen if j.view == "html" and j.labels]
        write_suspects(args.suspects, find_suspects(judged))
    say("going on with everything")
    learned = learn_both(recipe, data.labelled, settings.last, learned.transformer)
    config = {
        **bundle_config(base, settings),
        "folds": f"One of {args.folds} folds parted by site, held out until it was judged",
        **calibration.config,
        "name": args.output.name,
        "adsift": adsift.__version__,
        "scores": scores,
        "data": {
            "pages": len(data.pages),
            "sites": len({page.site for page in data.pages}),
            "written": len({document.group for document in data.written}),
        },
        "codebook": codebook_version(args.data),
    }
    bundle = learned.bundle(config, calibration.arrays)
    config["rejudged"] = rejudged_shares(Classifier(base), bundle, data.pages)
    write_bundle(args.output, replace(bundle, card=make_accurate_card(config)))
    print(score_table(scores))
    say(f"written to {args.output}")


def rejudged_shares(fast: Classifier, bundle: Bundle, pages: list[Page]) -> dict[str, float]:
    """The share of paragraphs that the transformer reads, by view, on every tenth page."""
    shares = {}
    for view in VIEWS:
        cascade = Cascade(bundle, fast, Transformer(bundle))
        for _ in adsift.Separator(cascade).tag_many(SOURCES[view](page) for page in pages[::10]):
            pass
        shares[view] = round(cascade.rejudged / max(cascade.judged, 1), 3)
    return shares


class Judged(NamedTuple):
    """A page of a fold in one view, as models that have not seen its site tag it."""

    fold: int
    view: str
    page: Page
    tagged: list[TaggedParagraph]
    labels: list[Label | None] | None


def judge_fold(
    recipe: Recipe, base: Bundle, fold: int, folds: dict[str, int], learned: Learned
) -> Iterator[Judged]:
    """Tag a fold's pages with models, the fast one among them, that have not seen them."""
    data = recipe.data
    seen = data.without(fold, folds)
    uncalibrated = fit_fast(seen, data.seeds, data.written, recipe.fast, recipe.jobs, recipe.say)
    # The shipped fast model's opinions in the pool are calibrated ones.
    calibrated = {**uncalibrated.config, "temperature": base.config["temperature"]}
    fast = Bundle(calibrated, uncalibrated.arrays, "")
    config = {
        **bundle_config(None, recipe.settings),
        "temperature": dict.fromkeys(KINDS_OF_DOCUMENT, 1.0),
    }
    bundle = learned.bundle(config)
    separator = adsift.Separator(Cascade(bundle, Classifier(fast), Transformer(bundle)))
    count = len(data.pages)
    for index, page in enumerate(data.pages):
        if folds[page.site] != fold:
            continue
        for view in VIEWS:
            document: Document = SOURCES[view](page)
            labels = {"html": index, "text": count + index}.get(view)
            yield Judged(
                fold,
                view,
                page,
                separator.tag(document),
                None if labels is None else data.labelled[labels].labels,
            )
    recipe.say(f"fold {fold} judged")


def opinions_of(unseen: Sequence[Judged]) -> list[Opinion]:
    """What the models think of the pages whose paragraphs have labels."""
    return [
        Opinion([p.paragraph for p in judged.tagged], judged.labels, _probabilities(judged.tagged))
        for judged in unseen
        if judged.labels is not None
    ]


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
    stands_behind = base and {"name": base.config["name"], "sha256": base.config["files"][WEIGHTS]}
    return {
        "labels": list(LABELS),
        "base": stands_behind,
        "encoder": {"name": NAME, "sha256": SHA256, **Sizes()._asdict()},
        "costs": COSTS,
        "shares": SHARES,
        "settings": {**asdict(settings), "tagger": asdict(TAGGER)},
    }


def learn_both(
    recipe: Recipe,
    labelled: Sequence[LabelledDocument],
    rounds: Sequence[Round],
    start: Network | Published,
) -> Learned:
    """Train the tagger from scratch, and the published transformer or a network further."""
    data = recipe.data
    documents = [*add_pitches([*labelled], recipe.fast.seed), *data.seeds]
    # Step 1 does not learn from the written pages, but its opinion of them is needed.
    alone = fit_alone(documents, recipe.fast, recipe.jobs)
    pairs = [*zip(documents, alone.signals, strict=True)]
    written = [(document, unseen_signals(alone.arrays, document)) for document in data.written]
    tagger = learn_tagger(pairs, written, TAGGER, recipe.say)
    return Learned(tagger, learn(pairs, written, rounds, recipe.settings, recipe.say, start))


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
