"""The README's examples run as they stand there."""

import re
from pathlib import Path

README = Path(__file__).parents[1] / "README.md"


def test_the_examples_run(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # one of them saves a model
    names = {}
    for code in re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL):
        exec(compile(code, str(README), "exec"), names)
    printed = capsys.readouterr().out
    wrong = re.search(r"([\d.]+)% of the test digits wrong", printed).group(1)
    right = re.search(r"([\d.]+)% right", printed).group(1)
    # A guess among ten classes is right in 10%.
    assert float(wrong) < 90
    assert float(right) > 10
    assert "pre-training: denoising (1,247 unlabelled examples, 100 labelled)" in printed
