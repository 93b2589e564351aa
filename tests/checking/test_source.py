"""Sources: stubs keep signature and docstring, a variant's docstring is laid over the published one."""

import pytest

from cnncourse.checking.source import definition_of, merge_docstrings, renamed, stub_of, with_docstring, wrap_docstrings

PUBLISHED = '''\
def twice(x, times=2):
    """Return twice x.

    Parameters
    ----------
    x : float
        Any number.
    times : int
        How often.

    Returns
    -------
    float
    """
    return x * times
'''


def test_a_definition_comes_without_its_decorators():
    def decorator(function):
        return function

    @decorator
    def answer(x):
        return x

    assert definition_of(answer) == "def answer(x):\n    return x\n"


def test_only_the_definition_is_renamed():
    assert renamed("def mean(x):\n    return x.mean()\n", "mean", "total") == "def total(x):\n    return x.mean()\n"


def test_a_stub_of_a_class_keeps_its_methods():
    source = "class Net:\n    def __init__(self):\n        self.a = 1\n\n    def run(self):\n        return 2\n"
    assert stub_of(source).count("raise NotImplementedError") == 2
    assert "self.a" not in stub_of(source)


def test_a_variant_inherits_what_it_does_not_state():
    changed = 'def thrice(x, times=3):\n    """Return three times x."""\n    return x * times\n'
    merged = with_docstring(changed, PUBLISHED)
    assert merged.startswith('def thrice(x, times=3):\n    """Return three times x.\n\n    Parameters\n')
    assert "        Any number.\n" in merged
    assert merged.endswith('    float\n    """\n    return x * times\n')


def test_a_variant_without_a_docstring_has_the_published_one():
    merged = with_docstring("def thrice(x, times=3):\n    return x * times\n", PUBLISHED)
    assert merged == PUBLISHED.replace("def twice(x, times=2)", "def thrice(x, times=3)")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ("Parameters\n----------\ntimes : int\n    At least 1.", ["        Any number.", "    At least 1."]),
        ("Returns\n-------\nint", ["Returns\n-------\nint"]),
    ],
)
def test_stated_entries_replace_the_published_ones(changes, expected):
    published = PUBLISHED.split('"""')[1].replace("\n    ", "\n")
    merged = merge_docstrings(published, f"Changed.\n\n{changes}")
    assert merged.startswith("Changed.\n\nParameters\n----------\nx : float\n")
    assert all(part.strip() in merged for part in expected)
    assert "How often." not in merged or "times" not in changes


def test_a_docstring_is_wrapped_and_its_headings_entries_and_examples_are_not():
    wide = f'''\
def twice(x):
    """{"Return twice x. " * 6}

    Parameters
    ----------
    {"a_long_name, " * 6}x : float
        {"Any number. " * 8}

    >>> {"twice(3) + " * 8}1
    """
    return "{"as it is " * 10}"
'''
    lines = wrap_docstrings(wide).splitlines()
    long = [line.strip()[:10] for line in lines if len(line) > 72]
    assert long == ["a_long_nam", ">>> twice(", 'return "as']
    assert wrap_docstrings(wide).split() == wide.split()


def test_methods_docstrings_are_wrapped_with_the_class():
    source = "class A:\n    '''" + "word " * 20 + "'''\n\n    def f(self):\n        '''" + "word " * 20 + "'''\n"
    assert all(len(line) <= 72 for line in wrap_docstrings(source).splitlines())
