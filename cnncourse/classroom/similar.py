"""Which submissions are alike: a question for a person, answered by copydetect's fingerprints. Nothing is executed."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path

from cnncourse.checking.record import Exercise

THRESHOLD = 0.8  # share of an answer's fingerprints that another one has too
MIN_TOKENS = 12  # shortest run of tokens that counts as shared


def similar_answers(exercise: Exercise, answers: Mapping[str, str]) -> list[tuple[float, str, str]]:
    """Compare the answers to an exercise with one another, the stub that all were given left out.

    Parameters
    ----------
    exercise : Exercise
    answers : dict of str to str
        Student -> source of the solution cell.

    Returns
    -------
    list of (share, student, other)
        The most alike first; `share` is that of the smaller answer that the other one has too.

    References
    ----------
    .. [1] S. Schleimer, D. S. Wilkerson, A. Aiken, "Winnowing: local algorithms for document fingerprinting",
       SIGMOD 2003; implemented by copydetect.
    """
    from copydetect import CopyDetector

    with tempfile.TemporaryDirectory(prefix="cnncourse-") as folder:
        stub = Path(folder, "stub.py")
        stub.write_text(exercise.stub(), encoding="utf-8")
        names = {}
        for number, (student, source) in enumerate(sorted(answers.items())):
            path = Path(folder, f"{number}.py")  # students' names stay out of file names
            path.write_text(source, encoding="utf-8")
            names[str(path)] = student
        detector = CopyDetector(
            noise_t=MIN_TOKENS, guarantee_t=MIN_TOKENS + 6, display_t=THRESHOLD, silent=True, autoopen=False
        )
        for added in names:
            detector.add_file(added)
        detector.boilerplate_files = [str(stub)]
        detector.run()
        pairs: dict[tuple[str, str], float] = {}
        for share, other_share, one, other, *_ in detector.get_copied_code_list():
            first, second = sorted((names[one], names[other]))
            pair = first, second
            pairs[pair] = max(float(share), float(other_share), pairs.get(pair, 0.0))
    return sorted(((share, *pair) for pair, share in pairs.items()), reverse=True)
