"""``python -m benchmarks NAME [--quick] [--threads N]``."""

import os
from enum import Enum
from typing import Annotated

import typer

app = typer.Typer(add_completion=False)


class Benchmark(str, Enum):
    """What can be measured."""

    convolution = "convolution"
    training = "training"
    grading = "grading"


@app.command()
def main(
    benchmark: Annotated[Benchmark, typer.Argument(help="What to measure.")] = Benchmark.convolution,
    quick: Annotated[bool, typer.Option(help="Fewer shapes and repetitions: convolution in 30 seconds.")] = False,
    threads: Annotated[int, typer.Option(min=1, help="Threads for PyTorch and for NumPy.")] = 1,
):
    """Measure the course beside PyTorch; write build/benchmarks/NAME.json and print a table."""
    # NumPy's matrix library reads these once, when it is loaded: set them before anything imports it.
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"):
        os.environ[variable] = str(threads)
    from importlib import import_module

    import_module(f"benchmarks.{benchmark.value}").run(quick=quick, threads=threads)


app(prog_name="python -m benchmarks")
