import pytest

from rectinet.report.deviations import deviations
from rectinet.studies import read_study
from rectinet.training import FinetuningSettings


def found(folder):
    return {each.number: each.text for each in deviations(read_study(folder))}


@pytest.mark.parametrize(
    ("dataset", "numbers"),
    [
        ("digits", {3, 6, 8, 17}),
        ("mnist", {3, 6, 10, 17}),
        ("cifar10", {3, 6, 15, 17}),
        ("norb", {3, 6, 17}),
        ("distorted-characters", {3, 6, 8, 16, 17}),
    ],
)
def test_data_set(make_study, dataset, numbers):
    assert found(make_study(dataset=dataset)).keys() == numbers


def test_settings_are_read_from_the_runs(make_study):
    def finetuning(cell):
        strength = 0.0003 if cell[0] == "rectifier" else 0.0
        return FinetuningSettings(
            learning_rate="grid", epochs=40, patience=10, activation_l1=strength, weight_l2=1e-5
        )

    texts = found(make_study(finetuning=finetuning))
    assert "is 0.0003 where it is used" in texts[1]
    assert texts[2].startswith("L2 on weights of 1e-05")
    assert 3 not in texts  # chosen from the paper's rates
    assert "at most 40 epochs" in texts[6]
    assert "after 10 without a gain; pre-training takes 2 per layer" in texts[6]
    assert texts[17] == "Hidden layers of 3 × 2 units; the paper’s have 1000 × 1000 × 1000."


def test_cifar_parts_are_counted(make_study):
    text = found(make_study(dataset="cifar10"))[15]
    assert text == (
        "700 images to train, 100 to validate and 1,000 to test; the paper has 50,000, 5,000 and "
        "5,000."
    )


def test_figures_of_other_data_sets(make_runs, make_spec):
    folder = make_runs("sparsity", [(make_spec(activation_l1=0.01), {"error": 0.1})])
    texts = found(folder)
    assert texts[11] == (
        "The L1 penalty runs from 0.01 to 0.01, the paper’s from 0 to 0.01 under another "
        "normalization (number 1). The paper shows this on MNIST; here it is digits."
    )
    assert 1 not in texts  # the penalty is what the study is about
