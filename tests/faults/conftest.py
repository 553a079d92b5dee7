"""The same stage as the acceptance tests'."""

from tests.acceptance.conftest import ann, small

__all__ = ["ann", "small"]
