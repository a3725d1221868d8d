"""What a worker does with a job: bytes in, bytes out."""

from __future__ import annotations

import sys
import traceback
import warnings
from dataclasses import dataclass, field
from typing import Literal

from adsift.errors import AdsiftError, PolicyWarning
from adsift.records import Record
from adsift.separator import Separator
from adsift.service.answer import Answer, stripped_answer, tagged_answer
from adsift.service.media import JSON
from adsift.service.refusal import RefusalError, mistake
from adsift.service.request import Request, read_request, split_batch

Task = Literal["tag", "strip"]


@dataclass(frozen=True, slots=True)
class Job:
    """One document, or a batch that is to be taken apart.

    Attributes:
        task: what is to be done.
        body: as the client sent it.
        kind: media type of the body.
        charset: of the body, if the client said it.
        query: of the address.
        wanted: media types that the client accepts, the most wanted first.
        split: 0 for a document; for a batch, how many documents it may have.
        shared: of a document of a batch, what the batch says of all.
    """

    task: Task
    body: bytes
    kind: str = JSON
    charset: str | None = None
    query: str = ""
    wanted: tuple[str, ...] = (JSON,)
    split: int = 0
    shared: Record = field(default_factory=dict)


def do(job: Job, sift: Separator) -> Answer:
    """Do a job; a mistake becomes an answer too.

    Of a batch the body of the answer is a packed :class:`Batch`.
    """
    request = None
    try:
        if job.split:
            return Answer(split_batch(job.task, job.kind, job.body, job.split, job.query).pack())
        request = read_request(job.task, job.kind, job.body, job.query, job.charset, job.shared)
        return _judge(job, request, sift)
    except RefusalError as refusal:
        return Answer.of(refusal, _id(request))
    except AdsiftError as error:
        return Answer.of(RefusalError(422, "invalid_document", str(error)), _id(request))
    except Exception:  # of the model or of a parser; the document is to blame, or we are
        traceback.print_exc(file=sys.stderr)
        return Answer.of(mistake(), _id(request))


def _judge(job: Job, request: Request, sift: Separator) -> Answer:
    if job.task == "tag":
        return tagged_answer(request, sift.tag(request.document))
    stripping = request.stripping
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", PolicyWarning)
        result = sift.strip(
            request.document,
            stripping.drop,
            stripping.min_probability,
            max_content_loss=stripping.max_content_loss,
            confidence=stripping.confidence,
        )
    notes = [str(w.message) for w in caught if issubclass(w.category, PolicyWarning)]
    return stripped_answer(request, result, notes, job.wanted)


def _id(request: Request | None) -> str | None:
    return request.document.id if request is not None else None
