"""Numbers with their nouns in sentences."""


def counted(number: float, noun: str) -> str:
    """Write a number and its noun, in the singular or the plural.

    Parameters
    ----------
    number : float
    noun : str
        In the singular; its first word takes the s: "page of feedback".

    Returns
    -------
    str

    Examples
    --------
    >>> counted(1, "student"), counted(0, "student"), counted(2.5, "point")
    ('1 student', '0 students', '2.5 points')
    >>> counted(2, "page of feedback")
    '2 pages of feedback'
    """
    head, space, rest = noun.partition(" ")
    return f"{number:g} {head}{'' if number == 1 else 's'}{space}{rest}"
