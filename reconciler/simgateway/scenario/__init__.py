"""Scenarios: what a gateway serves, as models of a YAML document, one file for each part."""

from reconciler.simgateway.scenario.document import Scenario, contradictions

__all__ = ["Scenario", "contradictions"]
