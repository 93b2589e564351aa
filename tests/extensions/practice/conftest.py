import pytest

from extensions.practice.imitation import namespaces


@pytest.fixture(scope="session")
def imitated():
    """The imitation's modules by name; the real torch stays what ``import torch`` finds."""
    return namespaces.build(namespaces.real_names())
