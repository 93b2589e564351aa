"""What to teach next week: the mistakes of a class, counted."""

from collections import Counter


def mistakes(assignment, verdicts):
    """Count what went wrong.

    Parameters
    ----------
    assignment : Assignment
    verdicts : sequence of Verdict

    Returns
    -------
    list of (exercise, what, sentence, count)
        Most frequent first; `what` is a misconception's id, "another mistake" or "not attempted".
    """
    exercises = assignment.exercises()
    sentences = {
        (name, known.id): known.sentence for name, (exercise, _) in exercises.items() for known in exercise.mistakes
    }
    counts = Counter()
    for verdict in verdicts:
        for name, record in verdict.exercises.items():
            if verdict.status != "missing" and record["status"] != "passed":
                other = "not attempted" if record["status"] == "not attempted" else "another mistake"
                counts[name, record["misconception"] or other] += 1
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [(name, what, sentences.get((name, what), ""), count) for (name, what), count in ordered]


def table(found, students):
    """Write the counts as text.

    Parameters
    ----------
    found : list
        From `mistakes`.
    students : int
        How many handed something in.

    Returns
    -------
    str
    """
    if not found:
        return f"{students} submissions, nothing wrong in any."
    lines = [f"{students} submissions"]
    for name, what, sentence, count in found:
        lines.append(f"{count:>4}  {name}: {what}" + (f"\n      {sentence}" if sentence else ""))
    return "\n".join(lines)


def plot(found, students):
    """Draw the counts as bars.

    Parameters
    ----------
    found : list
        From `mistakes`; the twenty most frequent are drawn.
    students : int

    Returns
    -------
    matplotlib.figure.Figure
    """
    from matplotlib.figure import Figure

    most = found[:20][::-1]
    figure = Figure(figsize=(8, 1 + 0.35 * max(1, len(most))), layout="constrained")
    axes = figure.add_subplot()
    axes.barh([f"{name}: {what}" for name, what, _, _ in most], [count for *_, count in most])
    axes.set_xlabel(f"students, of {students}")
    axes.xaxis.get_major_locator().set_params(integer=True)
    return figure
