"""The README's example runs as it stands there."""

import re
from pathlib import Path

README = Path(__file__).parents[1] / "README.md"


def test_the_example_runs(capsys):
    code = re.search(r"```python\n(.*?)```", README.read_text(), re.DOTALL).group(1)
    exec(compile(code, str(README), "exec"), {})
    share = re.match(r"([\d.]+)% of the test digits wrong", capsys.readouterr().out).group(1)
    assert float(share) < 90  # a guess among ten classes is wrong in 90%


def test_every_linked_file_exists():
    for link in re.findall(r"\]\(([^)#:]+)\)", README.read_text()):
        assert (README.parent / link).exists(), link
