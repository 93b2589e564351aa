"""Training on the command line: train, predict."""

from __future__ import annotations

from pathlib import Path

import click

from cnncourse.files import file_fault

NAMES = ("shapes", "colour-shapes", "fashion")  # the keys of tasks.TASKS, here so that --help need not import them


@click.command()
@click.argument("task", type=click.Choice(NAMES))
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="Folder for the result.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of images, weights and order.")
@click.option("--epochs", type=click.IntRange(min=1), help="Passes over the data; by default what the task needs.")
@click.option("--budget", type=click.FloatRange(min=0, min_open=True), help="Wall seconds, instead of epochs.")
@click.option("--resume", is_flag=True, help="Continue a training in the folder, with the same other options.")
@click.option("--quiet", is_flag=True, help="No progress bar.")
def train(task: str, out: Path, seed: int, epochs: int | None, budget: float | None, resume: bool, quiet: bool) -> None:
    """Train a network for TASK, test it on new images, and write it to a folder.

    shapes: squares against circles, one kernel per layer. colour-shapes: yellow squares against the rest. fashion:
    garments, from the full Fashion-MNIST.

    The folder gets model.pt, history.png, report.json and checkpoint.pt. Ctrl-C keeps the last finished epoch.
    """
    from cnncourse.data import DataError

    from .tasks import train as train_task

    if epochs is not None and budget is not None:
        raise click.UsageError("give --epochs or --budget, not both")
    try:
        report = train_task(task, out, seed=seed, epochs=epochs, budget=budget, resume=resume, progress=not quiet)
    except FileExistsError:
        raise click.UsageError(f"{out} is not empty; choose another folder, or add --resume to continue") from None
    except OSError as error:
        raise click.UsageError(file_fault(error)) from error
    except (DataError, FloatingPointError, ValueError) as error:
        raise click.UsageError(str(error)) from error
    if report["note"]:
        click.echo(report["note"])
    click.echo(
        f"{task}: test accuracy {report['test_accuracy']:.4f} after {report['epochs']} epochs, "
        f"{report['wall_seconds']:.1f} s of wall time and {report['cpu_seconds']:.1f} s of processor time"
    )
    click.echo(f"{out} holds model.pt, history.png and report.json; try: cnncourse predict {out} image.png")


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False, exists=True))
@click.argument("image", type=click.Path(path_type=Path, dir_okay=False, exists=True))
def predict(folder: Path, image: Path) -> None:
    """Classify IMAGE with the network that was trained in FOLDER.

    The image is scaled to 28x28; the objects of all three tasks are bright on black.
    """
    from .tasks import predict as predict_image

    try:
        prediction = predict_image(folder, image)
    except OSError as error:
        retry = f", with cnncourse train --out {folder}" if isinstance(error, FileNotFoundError) else ""
        raise click.UsageError(file_fault(error) + retry) from error
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    for label, probability in prediction.probabilities.items():
        click.echo(f"{probability:7.2%}  {label}")


COMMANDS = (train, predict)
