"""Staging: from the text of a scenario to a broker's Setting, one file for each part."""

from reconciler.simgateway.staging.loading import DEMO, load, load_file, packaged
from reconciler.simgateway.staging.stage import stage

__all__ = ["DEMO", "load", "load_file", "packaged", "stage"]
