"""``python -m benchmarks NAME [--quick] [--threads N]``."""

import os
from importlib import import_module

import click


@click.command()
@click.argument(
    "benchmark", type=click.Choice(["convolution", "training", "grading", "classroom"]), default="convolution"
)
@click.option("--quick", is_flag=True, help="Fewer shapes and repetitions: convolution in 30 seconds.")
@click.option("--threads", type=click.IntRange(min=1), default=1, show_default=True, help="For PyTorch and for NumPy.")
def main(benchmark, quick, threads):
    """Measure the course beside PyTorch; write build/benchmarks/NAME.json and print a table."""
    # NumPy's matrix library reads these once, when it is loaded: set them before anything imports it.
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"):
        os.environ[variable] = str(threads)
    import_module(f"benchmarks.{benchmark}").run(quick=quick, threads=threads)


main(prog_name="python -m benchmarks")
