"""Trained models: which file is whose, what it predicts in the worker, and how well."""
