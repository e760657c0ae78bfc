from __future__ import annotations

import json
import re
from xml.etree import ElementTree

import numpy as np
import pytest

from rectinet.errors import StorageError
from rectinet.nn import Tanh
from rectinet.report.inspection import write_inspection

SVG = "{http://www.w3.org/2000/svg}"
HEADINGS = [
    "Summary",
    "Hidden layers",
    "Active units per example",
    "How often each unit is on",
    "Active units under noise",
    "Linear separability of each code",
    "Scale of weights and gradients",
    "The linear model at single examples",
    "Provenance",
]


def read(path):
    """Return the page's text and its tree; the page is well-formed XML but for its first line."""
    text = path.read_text()
    assert text.startswith("<!doctype html>\n")
    return text, ElementTree.fromstring(text.split("\n", 1)[1])


def words(element):
    return " ".join("".join(element.itertext()).split()).replace("\N{NO-BREAK SPACE}", " ")


def test_page_has_every_part_in_order(inspect, tmp_path):
    found = inspect()
    _, tree = read(write_inspection(found, tmp_path))
    assert [words(heading) for heading in tree.iter("h2")] == HEADINGS
    assert len(list(tree.iter(SVG + "svg"))) == 2 + 4
    assert len(list(tree.iter("img"))) == 4 * 4
    page = words(tree)
    zeros = 100 * found.sparsity.zeros[0]
    assert f"1 rectifier 12 {zeros:.1f} {len(found.sparsity.dead[0])}" in page
    assert "9 – 12 – 8 – 3 units, rectifier; looked at with 90 examples" in page
    assert "90 of 90 handed in, 90 labeled" in page
    for model in found.local_models:
        assert f"Example {model.example}: the network says" in page


@pytest.mark.parametrize("name", ["page.html", "deep/page.HTM", "folder", "folder.v2"])
def test_where_it_is_written(inspect, tmp_path, name):
    page = write_inspection(inspect(), tmp_path / name)
    is_file = name.lower().endswith((".html", ".htm"))
    assert page == (tmp_path / name if is_file else tmp_path / name / "inspection.html")
    assert page.exists()
    assert page.with_suffix(".json").exists()


def test_no_room_to_write(inspect, tmp_path, raises_one_line):
    (tmp_path / "file").touch()
    with raises_one_line(StorageError, "is a file, not a folder"):
        write_inspection(inspect(), tmp_path / "file")


def test_all_numbers_are_in_the_json(inspect, tmp_path):
    found = inspect()
    page = write_inspection(found, tmp_path)
    content = json.loads(page.with_suffix(".json").read_text())
    assert content["accuracy"] == found.accuracy
    assert content["sparsity"]["zeros"] == list(found.sparsity.zeros)
    assert content["active_units_per_example"] == found.active_counts.tolist()
    assert content["stability"]["overlap"] == found.stability.overlap.tolist()
    assert content["layers"][2]["alpha"] == found.layers[2].alpha
    first, model = content["local_models"][0], found.local_models[0]
    np.testing.assert_array_equal(np.float32(first["weights"]), np.float32(model.weights.T))
    np.testing.assert_array_equal(np.float32(first["outputs"]), model.outputs)
    assert content["provenance"] == {"Data": "made <here>", "Kernels": "7"}


def test_json_of_what_does_not_apply(inspect, examples, tmp_path):
    single = inspect(X=examples[0][:1], y=None)
    page = write_inspection(single, tmp_path)
    content = json.loads(page.with_suffix(".json").read_text())
    assert content["stability"]["between_examples"] == [None, None]
    assert content["gradients"] is None


def test_page_loads_nothing(inspect, tmp_path):
    text, tree = read(write_inspection(inspect(), tmp_path))
    for element in tree.iter():
        for name, value in element.attrib.items():
            if name.rpartition("}")[2] in ("src", "href", "srcset", "data", "action"):
                assert value.startswith(("#", "data:image/png;base64,")), (name, value[:80])
    assert not re.findall(r"url\((?!#)|@import|<script|<link|<iframe|<object", text)
    left = re.sub(r'xmlns(:\w+)?="[^"]*"', "", text)
    assert "http://" not in left
    assert "https://" not in left


def test_figures_take_the_pages_colors_and_say_what_they_show(inspect, tmp_path):
    text, tree = read(write_inspection(inspect(), tmp_path))
    ids = re.findall(r'\sid="([^"]+)"', text)
    assert len(ids) == len(set(ids))
    for drawing in tree.iter(SVG + "svg"):
        assert drawing.get("role") == "img"
        assert len(drawing.get("aria-label")) > 40
    for sentinel in ("#010203", "#0a0b", "#000000", "DejaVu"):
        assert sentinel not in text.split("</style>")[1]
    assert all(image.get("alt") for image in tree.iter("img"))


def test_text_that_comes_from_outside_is_escaped(inspect, tmp_path):
    text, tree = read(write_inspection(inspect(title="<b>x</b>"), tmp_path))
    assert "<b>" not in text
    assert "<cat>" not in text
    assert "made <here>" in words(tree)


def test_same_inspection_gives_the_same_page(inspect, tmp_path):
    first, second = (write_inspection(inspect(), tmp_path / name) for name in ("a", "b"))
    assert first.read_bytes() == second.read_bytes()
    assert first.with_suffix(".json").read_bytes() == second.with_suffix(".json").read_bytes()


def test_words_instead_of_pictures(words_page):
    found, page, tree = words_page
    assert not list(tree.iter("img"))
    model = found.local_models[0]
    strongest = int(np.argmax(np.abs(model.contributions)))
    adds = f"{model.contributions[strongest]:+.3f}".replace("-", "−")
    assert f"Adds word{strongest} {model.inputs[strongest]:.3g} {adds}" in page
    assert "noise on the non-zero inputs" in page


@pytest.fixture
def words_page(request, tmp_path):
    found = request.getfixturevalue("words")
    _, tree = read(write_inspection(found, tmp_path))
    return found, words(tree), tree


@pytest.mark.parametrize(
    ("changes", "sentences"),
    [
        ({"y": None}, ["ten labeled examples", "Gradients are not measured without labels"]),
        (
            {"activation": Tanh()},
            [
                "units other than rectifiers",
                "no unit is exactly zero",
                "only a network of rectifiers",
            ],
        ),
        ({"n_local_models": 0}, ["none was asked for"]),
    ],
    ids=["no labels", "tanh", "no local models"],
)
def test_what_was_not_measured_is_said(inspect, tmp_path, changes, sentences):
    page = words(read(write_inspection(inspect(**changes), tmp_path))[1])
    for sentence in sentences:
        assert sentence in page
    assert not re.search(r"\bnan\b", page, re.IGNORECASE)


def test_stacks_single_outputs_and_color_images(inspect, network, examples, tmp_path):
    X, _ = examples
    cases = {
        "stack": {"layers": network().hidden, "class_names": None},
        "one": {"layers": network(n_outputs=1).layers, "class_names": None},
        "color": {"image_shape": (3, 1, 3)},
        "dead": {"X": np.zeros_like(X)},
        "single": {"X": X[:1], "y": None},
    }
    images = {}
    for name, changes in cases.items():
        _, tree = read(write_inspection(inspect(**changes), tmp_path / name))
        images[name] = len(list(tree.iter("img")))
    assert images == {"stack": 0, "one": 2 * 4, "color": 4 * 4, "dead": 4 * 4, "single": 4}
