"""Make the shipped bundle: ``python training/train.py --data ../shared/data``.

Reads the labelled pages and the project's seeds, trains on everything and writes the bundle to
``models/``; then cross-validates, and writes it again with the figures in its card. The same data
and settings give the same bytes.
"""

from __future__ import annotations

from pathlib import Path

import adsift
from adsift.model.bundle import Bundle, write_bundle
from adsift.model.fit import fit
from arguments import script_parser, teller
from card import make_card, score_table
from dataset import ROOT, codebook_version, label_pages, read_pages, read_seeds
from evaluate import VIEWS, cross_validate
from pitches import add_pitches
from recipe import fast_settings


def main() -> None:
    parser = script_parser(__doc__, fast_settings().seed)
    parser.add_argument("--output", type=Path, default=ROOT / "models" / "default")
    parser.add_argument("--views", nargs="+", choices=VIEWS, default=list(VIEWS))
    args = parser.parse_args()
    say = teller()
    settings = fast_settings(args.seed)
    pages = read_pages(args.data)
    say(f"{len(pages)} pages read; cutting and labelling them")
    labelled = label_pages(pages, args.jobs)
    seeds = read_seeds()
    say(f"{len(seeds)} seed documents; training on everything")
    fitted = fit([*add_pitches(labelled, args.seed), *seeds], settings, args.jobs)
    config = {
        **fitted.config,
        "name": args.output.name,
        "adsift": adsift.__version__,
        "scores": {},
        "data": {
            "pages": len(pages),
            "sites": len({page.site for page in pages}),
            "blocks": sum(len(page.blocks) for page in pages),
            "seeds": len({seed.group for seed in seeds}),
        },
        "codebook": codebook_version(args.data),
    }
    write_bundle(args.output, Bundle(config, fitted.arrays, make_card(config)))
    say(f"written to {args.output}; cross-validating, for the card")
    config["scores"] = cross_validate(pages, labelled, seeds, settings, args.jobs, say, args.views)
    print(score_table(config["scores"]))
    write_bundle(args.output, Bundle(config, fitted.arrays, make_card(config)))
    say(f"written to {args.output}")


if __name__ == "__main__":
    main()
