"""Answers written from the exercises' prompts alone, in many styles, one file per exercise."""
