"""Which page an address leads to: the same page has many addresses.

A page that is crawled by several of them must not count as several: what its article says would
seem to recur on the site. The other mistake, to take two pages for one, only leaves a page
uncounted; so in doubt a parameter is passed over.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

from adsift.corpus.site import split_site

TRACKING = frozenset(
    """
    fbclid gclid gclsrc dclid gbraid wbraid gad_source msclkid yclid twclid ttclid igshid igsh epik
    li_fat_id mc_cid mc_eid _ga _gl _ke mkt_tok vero_id oly_anon_id oly_enc_id s_cid s_kwcid cmpid
    ncid icid ocid smid sr_share spm xtor wt_mc wt.mc_id wt_zmc campaign campaign_id ref ref_src
    ref_url referrer source share shared sharetype guccounter guce_referrer guce_referrer_sig
    phpsessid jsessionid sessionid session_id
    """.split()
)
"""Keys that say where a reader came from, in lower case."""

TRACKING_STARTS = ("utm_", "pk_", "mtm_", "piwik_", "matomo_", "hsa_", "_hs", "at_", "ns_")
"""What such keys begin with."""

VIEWS = frozenset(
    """
    amp print printable printer printversion print_version printview mobile nomobile noamp
    replytocom showcomments
    """.split()
)
"""Keys that ask for another look of a page."""

VIEW_KEYS = frozenset("output outputtype view format mode display layout type do action m".split())
"""Keys that ask for another look of a page if their value is one of :data:`VIEW_VALUES`."""

VIEW_VALUES = frozenset("0 1 amp print printable mobile desktop html".split())

_SESSION = re.compile(r";(?:jsessionid|phpsessid|sid)=[^/?]*", re.I)
_BETWEEN = re.compile(r"&(?:amp;)?|;")


def page_address(url: str) -> str:
    """What all addresses of a page have in common, beside its site.

    Args:
        url: one of them. Its scheme, host and port do not count, nor does its fragment.

    Returns:
        The path, and those parameters of the query that say which page it is.
    """
    address = split_site(url)[1].partition("#")[0].strip()
    path, _, query = address.partition("?")
    path = unquote(_SESSION.sub("", path)).rstrip("/")
    parameters = sorted(filter(_tells_the_page, map(unquote, _BETWEEN.split(query))))
    return "?".join([path, *parameters])


def _tells_the_page(parameter: str) -> bool:
    key, _, value = parameter.lower().partition("=")
    if key in TRACKING or key in VIEWS or key.startswith(TRACKING_STARTS):
        return False
    return bool(key) and not (key in VIEW_KEYS and value in VIEW_VALUES)
