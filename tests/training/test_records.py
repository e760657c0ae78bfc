from __future__ import annotations

import json

import pytest

from rectinet.training import EpochRecord, Evaluation

MEASURED = [
    Evaluation(0.5, 0.25, (0.8, 0.9), (1, 0)),
    Evaluation(1 / 3, None, (0.1,), (0,), blocked=0.2),
    Evaluation(0.5, 0.25, (), ()),  # a linear model
    Evaluation(0.5, 0.25, (0.8,), (0,), rmse=1 / 7),
]


@pytest.mark.parametrize("evaluation", MEASURED)
def test_records_survive_json_to_the_last_bit(evaluation: Evaluation) -> None:
    record = EpochRecord(
        "fine-tuning", 3, (0.1, 1 / 3), 0.7, evaluation.error, evaluation, "validation", 1.25
    )
    assert EpochRecord.from_json(json.loads(json.dumps(record.to_json()))) == record


def test_only_ratings_have_an_error_of_their_own() -> None:
    plain, rating = (
        EpochRecord("fine-tuning", 1, (0.1,), 0.7, 0.2, evaluation, "validation", 1.0).to_json()
        for evaluation in (MEASURED[0], MEASURED[-1])
    )
    # Results from before ratings were measured keep their text.
    assert "rmse" not in plain["evaluation"]
    assert rating["evaluation"]["rmse"] == MEASURED[-1].rmse
