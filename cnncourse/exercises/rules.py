"""Judge answers whose numbers are free by the rules they break: any order of batches, any fair mask, any detector."""

from .judging import Finding, conduct_agrees, judge_conduct

UNUSABLE = "It returns something that this exercise cannot use."


def by_rules(broken):
    """Make a judge, and the comparison that goes with it, out of an exercise's rules.

    Parameters
    ----------
    broken : callable
        ``broken(case, value)`` yields one sentence for every rule that the plain value breaks, the most telling first;
        no sentence if the value is right. The sentences are fixed text, so that answers alike are told alike.

    Returns
    -------
    judge : callable
        For `Exercise.judge`: the first sentence becomes the finding.
    agrees : callable
        For `Exercise.agrees`: two observations are alike if they break the same rules.

    Examples
    --------
    >>> def broken(case, value):
    ...     if value < 0:
    ...         yield "It is negative."
    >>> judge, agrees = by_rules(broken)
    >>> from .judging import Observation
    >>> judge(None, Observation("returned", -2.0), Observation("returned", 1.0)).sentence
    'It is negative.'
    >>> agrees(None, Observation("returned", -2.0), Observation("returned", -3.0))
    True
    """

    def sentences(case, value):
        try:
            return list(broken(case, value))
        except (ArithmeticError, AttributeError, LookupError, RuntimeError, TypeError, ValueError):
            return [UNUSABLE]

    def judge(case, observed, expected):
        finding = judge_conduct(observed, expected)
        if finding or expected.outcome == "raised":
            return finding
        return next((Finding("value", sentence) for sentence in sentences(case, observed.value)), None)

    def agrees(case, one, other):
        return conduct_agrees(one, other) and sentences(case, one.value) == sentences(case, other.value)

    return judge, agrees
