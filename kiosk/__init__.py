"""Madoguchi (窓口): the terminal at a labor bank's certificate counter."""

__version__ = "0.1.0"
