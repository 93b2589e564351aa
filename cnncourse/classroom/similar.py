"""Which submissions are alike: a question for a person, answered by copydetect's fingerprints. Nothing is executed."""

import tempfile
from pathlib import Path

THRESHOLD = 0.8  # share of an answer's fingerprints that another one has too
MIN_TOKENS = 12  # shortest run of tokens that counts as shared


def similar_answers(exercise, answers):
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
        for path in names:
            detector.add_file(path)
        detector.boilerplate_files = [str(stub)]
        detector.run()
        pairs = {}
        for share, other_share, path, other, *_ in detector.get_copied_code_list():
            pair = tuple(sorted((names[path], names[other])))
            pairs[pair] = max(float(share), float(other_share), pairs.get(pair, 0.0))
    return sorted(((share, *pair) for pair, share in pairs.items()), reverse=True)
