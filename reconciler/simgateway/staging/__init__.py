"""Staging: from the text of a scenario to a broker's Setting, one file for each part."""

from reconciler.simgateway.staging.loading import (
    DEMO,
    BadScenarioError,
    Source,
    load,
    load_file,
    packaged,
    understood,
)
from reconciler.simgateway.staging.stage import stage

__all__ = ["DEMO", "BadScenarioError", "Source", "load", "load_file", "packaged", "stage", "understood"]
