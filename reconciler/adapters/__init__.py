"""Edges: one room per vendor. Each implements ports, knows nothing of the engine, and lets no vendor's error out."""
