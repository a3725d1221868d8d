"""Make the shipped bundle: ``python training/train.py --data ../shared/data``.

Reads the labelled pages, the project's seeds and its written pages, cross-validates, trains on
everything and writes the bundle to ``models/``. What the folds' models think of pages that they
have not seen calibrates the probabilities and the bound, and gives the figures in the card. The
same data and settings give the same bytes. Needs ``pip install -e '.[teach]'``.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

import adsift
from adsift.evaluation.views import VIEWS
from adsift.model.bundle import Bundle, write_bundle
from arguments import add_keep, script_parser, teller
from calibrating import calibrate_on
from card import make_card, score_table
from dataset import ROOT, codebook_version
from evaluate import Data, assign_folds, cross_validate, fit_fold
from fast import fit_fast
from recipe import fast_settings


def main() -> None:
    parser = script_parser(__doc__, fast_settings().seed)
    parser.add_argument("--output", type=Path, default=ROOT / "models" / "default")
    parser.add_argument("--views", nargs="+", choices=VIEWS, default=list(VIEWS))
    add_keep(parser)
    args = parser.parse_args()
    say = teller()
    settings = fast_settings(args.seed)
    data = Data.read(args.data, args.jobs)
    say(f"{len(data.pages)} pages cut and labelled; cross-validating")
    fold_of = assign_folds([page.site for page in data.pages], settings.seed)
    stages = data.stages(args.keep)
    fit = partial(fit_fold, data, fold_of, settings, stages)
    scores, opinions = cross_validate(data, fold_of, fit, args.jobs, say, args.views)
    print(score_table(scores))
    say("training on everything")
    fitted = stages.get(
        "fast",
        settings,
        lambda: fit_fast(data.labelled, data.seeds, data.written, settings, args.jobs, say),
    )
    calibration = calibrate_on(opinions, args.seed)
    config = {
        **fitted.config,
        **calibration.config,
        "name": args.output.name,
        "adsift": adsift.__version__,
        "scores": scores,
        "data": {
            "pages": len(data.pages),
            "sites": len({page.site for page in data.pages}),
            "blocks": sum(len(page.blocks) for page in data.pages),
            "seeds": len({seed.group for seed in data.seeds}),
            "written": len({document.group for document in data.written}),
        },
        "codebook": codebook_version(args.data),
    }
    arrays = {**fitted.arrays, **calibration.arrays}
    write_bundle(args.output, Bundle(config, arrays, make_card(config)))
    say(f"written to {args.output}")


if __name__ == "__main__":
    main()
