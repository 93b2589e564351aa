"""Exercises that check themselves on the page."""
