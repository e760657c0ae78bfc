import types

import rectinet


def test_all_lists_exactly_the_public_names():
    public = {
        name
        for name, value in vars(rectinet).items()
        if not name.startswith("_") and not isinstance(value, types.ModuleType)
    }
    assert public | {"__version__"} == set(rectinet.__all__)
