"""What each kind of study has to show: one file each, from numbers to tables and figures."""

from __future__ import annotations

from collections.abc import Callable

from rectinet.report.parts import Content
from rectinet.report.studies import (
    amazon,
    image_table,
    labels,
    softplus,
    sparsity,
    strategies,
    text_table,
)
from rectinet.studies import StudyResults

_CONTENTS: dict[str, Callable[[StudyResults], Content]] = {
    "amazon": amazon.content,
    "image-table": image_table.content,
    "labels": labels.content,
    "softplus": softplus.content,
    "sparsity": sparsity.content,
    "strategies": strategies.content,
    "text-table": text_table.content,
}


def content_of(results: StudyResults) -> Content:
    """Return what a study has to show; one of an unknown kind shows what table 1 does."""
    return _CONTENTS.get(results.study, image_table.content)(results)
