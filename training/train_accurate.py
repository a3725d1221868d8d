"""Make the accurate tier's bundle: ``python training/train_accurate.py --data ../shared/data``.

Needs ``pip install -e '.[teach]'`` and the fast bundle that it is to stand behind. The published
encoder reads every paragraph once; then readers are trained without the sites of each fold, and
label their pages behind a fast model that has not seen them either: that calibrates the
probabilities and the bound, and gives the figures in the card. Last they are trained on everything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import adsift
from accurate.encode import States, WellRead, encoder_bundle
from accurate.published import NAME, SHA256, read_published
from accurate.readers import learn_readers
from adsift.evaluation.views import VIEWS
from adsift.model.bundle import WEIGHTS, Bundle, read_bundle, write_bundle
from adsift.model.classifier import Classifier
from adsift.model.fit import fit_alone
from adsift.model.heads import HEADS, head_of
from adsift.model.labelled_document import LabelledDocument
from adsift.model.probabilities import LABELS
from adsift.model.transformer.cascade import Cascade
from arguments import add_keep, script_parser, teller
from calibrating import Opinion, calibrate_on
from card import make_accurate_card, score_table
from course import Pair
from dataset import ROOT, Page, codebook_version, label_extracted
from evaluate import Data, assign_folds, cross_validate, fit_fold
from fast import unseen_signals
from pitches import add_pitches
from recipe import READER_COSTS, SHARES, ReaderSettings, fast_settings
from stages import Stages
from suspects import find_suspects, write_suspects

if TYPE_CHECKING:
    from adsift.model.bundle import Arrays

NOT_CALIBRATED = dict.fromkeys(HEADS, 1.0)

Say = Callable[[str], None]


def main() -> None:
    parser = script_parser(__doc__, fast_settings().seed)
    parser.add_argument("--base", type=Path, default=ROOT / "models" / "default")
    parser.add_argument("--output", type=Path, default=ROOT / "models" / "accurate")
    parser.add_argument("--encoder", type=Path, help="folder of the published encoder")
    parser.add_argument("--views", nargs="+", choices=VIEWS, default=list(VIEWS))
    parser.add_argument("--suspects", type=Path, help="list the labels here that look wrong")
    add_keep(parser)
    args = parser.parse_args()
    say = teller()
    data = Data.read(args.data, args.jobs)
    fold_of = assign_folds([page.site for page in data.pages], args.seed)
    base = read_bundle(args.base)
    published = read_published(args.encoder)
    encoder = encoder_bundle(published)
    extracted = label_extracted(data.pages, args.jobs)
    texts = texts_of([*data.labelled, *data.seeds, *data.written, *extracted])
    stages = data.stages(args.keep)
    states = stages.get(
        "states",
        (NAME, SHA256, extracted),
        lambda: States.of(encoder, texts, args.jobs, say),
    )
    # The shipped fast model's opinions in the pool are calibrated ones.
    temperature = base.config["temperature"]
    work = Work(data, extracted, encoder, states, ReaderSettings(), temperature, args.seed, stages)
    fit = partial(work.fit_fold, fold_of)
    scores, opinions = cross_validate(
        data, fold_of, fit, args.jobs, say, args.views, work.put_together
    )
    print(score_table(scores))
    say("training on everything")
    fitted = work.fit("readers", data.labelled, say)
    calibration = calibrate_on(opinions, args.seed)
    if args.suspects:
        judged = judged_pages(data, fold_of, opinions)
        write_suspects(args.suspects, find_suspects(judged, calibration.config["temperature"]))
    config = {
        **fitted.config,
        **calibration.config,
        "base": {"name": base.config["name"], "sha256": base.config["files"][WEIGHTS]},
        "encoder": {
            "name": NAME,
            "sha256": SHA256,
            "layers": published.sizes.layers,
            **published.sizes._asdict(),
        },
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
    bundle = replace(fitted, config=config, arrays={**fitted.arrays, **calibration.arrays})
    config["rejudged"] = read_shares(work.put_together([bundle, base]), data.pages, args.views)
    write_bundle(args.output, replace(bundle, card=make_accurate_card(config)))
    say(f"written to {args.output}")


def texts_of(documents: Sequence[LabelledDocument]) -> set[str]:
    """The paragraphs' texts."""
    return {paragraph.text for document in documents for paragraph in document.paragraphs}


class Work(NamedTuple):
    """All that the parts of a run share."""

    data: Data
    extracted: list[LabelledDocument]
    encoder: Bundle
    states: States
    settings: ReaderSettings
    temperature: dict[str, float]
    seed: int
    stages: Stages

    def fit(self, stage: str, labelled: list[LabelledDocument], say: Say) -> Bundle:
        """Train the readers; not calibrated, and behind no fast bundle yet."""
        settings = (fast_settings(self.seed), self.settings, self.extracted)
        arrays = self.stages.get(stage, settings, lambda: self._learn(labelled, say))
        joint, plain = self._numbers()
        config: dict[str, Any] = {
            "labels": list(LABELS),
            "readers": {"markup": [*joint], "plain": [*joint, *plain]},
            "shares": SHARES,
            "costs": READER_COSTS,
            "temperature": NOT_CALIBRATED,
            "settings": asdict(self.settings),
        }
        return replace(self.encoder, config=config, arrays={**self.encoder.arrays, **arrays})

    def _numbers(self) -> tuple[range, range]:
        """Of the joint readers and of those of documents without markup."""
        first = self.settings.joint
        return range(first), range(first, first + self.settings.plain)

    def _learn(self, labelled: list[LabelledDocument], say: Say) -> Arrays:
        pairs = signalled(labelled, self.data, self.extracted, self.seed)
        documents = [document for document, _ in [*pairs.labelled, *pairs.extracted]]
        states = self.states.including(self.encoder, texts_of(documents))
        joint, plain = self._numbers()
        without_markup = _without_markup([*pairs.labelled, *pairs.extracted])
        return learn_readers(
            pairs.labelled, pairs.written, states, self.settings, joint, say
        ) | learn_readers(
            without_markup, _without_markup(pairs.written), states, self.settings, plain, say
        )

    def fit_fold(self, fold_of: dict[str, int], fold: int) -> list[Bundle]:
        """Train on all sites but those of one fold, as :data:`evaluate.Fit` says."""
        (fast,) = fit_fold(self.data, fold_of, fast_settings(self.seed), self.stages, fold)
        fast = replace(fast, config={**fast.config, "temperature": self.temperature})
        labelled = self.data.without(fold, fold_of)
        return [self.fit(f"readers-{fold}", labelled, lambda _: None), fast]

    def put_together(self, bundles: Sequence[Bundle]) -> Cascade:
        """The model of such bundles, whose encoder has read all of the data before."""
        accurate, fast = bundles
        return Cascade(accurate, Classifier(fast), WellRead(accurate, self.states))


class Pairs(NamedTuple):
    """Documents and their signals, for the readers: those with labels, what an extractor leaves of
    them, and the written ones."""

    labelled: list[Pair]
    extracted: list[Pair]
    written: list[Pair]


def signalled(
    labelled: list[LabelledDocument], data: Data, extracted: list[LabelledDocument], seed: int
) -> Pairs:
    """What the readers learn from, with the opinions of a step 1 that learns from the labelled
    documents and the seeds alone.

    Args:
        labelled: of the training side.
        data: all of it.
        extracted: of all pages; those of other groups than the labelled ones are left out.
        seed: of everything random.
    """
    documents = [*add_pitches(labelled, seed), *data.seeds]
    groups = {document.group for document in labelled}
    beside = [document for document in extracted if document.group in groups]
    # As the shipped step 1, which has seen neither extracted pages nor the written ones.
    alone = fit_alone([*documents, *map(_not_learned, beside)], fast_settings(seed), 1)
    count = len(documents)
    return Pairs(
        [*zip(documents, alone.signals[:count], strict=True)],
        [*zip(beside, alone.signals[count:], strict=True)],
        [(document, unseen_signals(alone.arrays, document)) for document in data.written],
    )


def _not_learned(document: LabelledDocument) -> LabelledDocument:
    nothing = [None] * len(document.paragraphs)
    return replace(document, labels=nothing, kinds=nothing, weight=0.0)


def _without_markup(pairs: Sequence[Pair]) -> list[Pair]:
    return [pair for pair in pairs if head_of(pair[0].paragraphs) == "plain"]


def judged_pages(
    data: Data, fold_of: dict[str, int], opinions: Sequence[Opinion]
) -> Iterator[tuple[str, Opinion]]:
    """The pages as fetched, by id, with what the models thought of them."""
    folds = [fold_of[document.group] for document in data.labelled]
    # The opinions come fold by fold, and there is none of an empty document.
    order = sorted(range(len(folds)), key=folds.__getitem__)
    rows = [row for row in order if data.labelled[row].paragraphs]
    for row, opinion in zip(rows, opinions, strict=True):
        if row < len(data.pages):
            yield data.pages[row].id, opinion


def read_shares(model: Cascade, pages: list[Page], views: Sequence[str]) -> dict[str, float]:
    """The share of paragraphs that the encoder reads, by view, on every tenth page."""
    shares = {}
    for view in views:
        model.judged = model.rejudged = 0
        for _ in adsift.Separator(model).tag_many(page.view(view) for page in pages[::10]):
            pass
        shares[view] = round(model.rejudged / max(model.judged, 1), 3)
    return shares


if __name__ == "__main__":
    main()
