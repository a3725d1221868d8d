"""What a certificate says of the pages that it was made from."""

from __future__ import annotations

import numpy as np
import pytest
from calibration import bundle_of, certain_down_to, lowest

from adsift.model.certificate import certify
from adsift.model.risk import SETS, THRESHOLDS

PAGES = 1000


def test_what_is_lost_is_a_share_of_the_content() -> None:
    # Pages that are half content; at the threshold taken one in ten loses a fiftieth of its weight.
    arrays = certain_down_to(0.6, PAGES)
    hard = np.zeros((PAGES, 1), bool)
    hard[::10] = True
    lost = np.where(hard & (lowest(0.6) >= THRESHOLDS), 0.02, 0.0)
    arrays["risk.commerce"] = np.maximum(arrays["risk.commerce"], lost).astype(np.float32)
    certificate = certify(bundle_of(arrays, arrays), SETS["commerce"], 0.05, 0.95)["markup"]
    assert certificate.threshold == lowest(0.6)
    assert certificate.content_lost == pytest.approx(0.004)  # 100 * 0.02 of 1000 * 0.5
    assert "of 1000 calibration pages that took 0.40% of the news" in str(certificate)
    furniture = certify(bundle_of(arrays, arrays), SETS["boilerplate"], 0.05, 0.95)["markup"]
    assert furniture.content_lost == 0
