"""How good a model is on labelled pages: figures, curves, comparison of two models, reports.

from adsift.evaluation import evaluate, read_gold

result = evaluate(read_gold("my-pages.jsonl"), adsift.load())
result["html"].figures["macro-F1"].value
"""

from adsift.evaluation.gold import GoldBlock, GoldPage, read_gold
from adsift.evaluation.measure import Evaluation, evaluate

__all__ = ["Evaluation", "GoldBlock", "GoldPage", "evaluate", "read_gold"]
