"""Record the trainings that the figure TrainingReplay plays back.

    python tools/record_training.py

The recipe is that of the chapter `training`, section "Unlucky starts": the one-kernel net on 1000 squares and circles,
`fit` as it stands, 15 epochs, one thread. Before the first epoch and after each, all 40 parameters are kept, rounded to
four decimals, with the losses and the accuracy that the network has with just these rounded parameters. So every number
in the file can be computed again from the parameters in it. The file is written whole or not at all.
"""

import datetime
import json
import sys
from pathlib import Path

import torch
from torch.nn import functional as F
from torch.nn.utils import parameters_to_vector, vector_to_parameters

from cnncourse import models
from cnncourse.data import make_shapes
from cnncourse.files import atomic_write
from cnncourse.training import Callback, fit
from cnncourse.training.tasks import versions

FILE = Path(__file__).parent.parent / "cnncourse" / "figures" / "recordings" / "training_replay.json"
SEEDS = (0, 1, 4, 7, 8, 13)  # 7 and 1 are the chapter's; together they end in every way that was seen with 30 seeds
EPOCHS = 15
IMAGES = {"train": {"images": 1000, "seed": 0}, "validation": {"images": 1000, "seed": 1}}
DECIMALS = 4


def shapes(split: str) -> tuple[torch.Tensor, torch.Tensor]:
    """Return images and labels of a split."""
    return make_shapes(IMAGES[split]["images"], generator=torch.Generator().manual_seed(IMAGES[split]["seed"]))


class Recorder(Callback):
    """Keeps the network as it is before the first epoch and after each."""

    def __init__(self):
        self.splits = {split: shapes(split) for split in IMAGES}
        self.run = {"train_loss": [], "validation_loss": [], "validation_accuracy": [], "parameters": []}

    def start(self, run) -> None:
        self.keep(run.model)

    def epoch_end(self, run) -> None:
        self.keep(run.model)

    def keep(self, model) -> None:
        """Add a moment: the rounded parameters, and what the network reaches with them."""
        vector = parameters_to_vector(model.parameters()).detach().double()
        numbers = [round(number, DECIMALS) for number in vector.tolist()]
        rounded = models.build("one_kernel")
        vector_to_parameters(torch.tensor(numbers), rounded.parameters())
        self.run["parameters"].append(numbers)
        with torch.no_grad():
            for split, (images, labels) in self.splits.items():
                logits = rounded(images)
                self.run[f"{split}_loss"].append(round(F.cross_entropy(logits, labels).item(), 6))
        right = (logits.argmax(dim=1) == labels).double().mean().item()  # of the last split: validation
        self.run["validation_accuracy"].append(round(right, 6))


def record(seed: int) -> dict:
    """Train from one seed and return the run: for each quantity a list of `EPOCHS` + 1 moments."""
    recorder = Recorder()
    generator = torch.Generator().manual_seed(seed)
    model = models.build("one_kernel", generator)
    fit(
        model,
        recorder.splits["train"],
        epochs=EPOCHS,
        generator=generator,
        progress=False,
        callbacks=[recorder],
    )
    return {"seed": seed, **recorder.run}


def main() -> int:
    """Record all seeds, print how each ends, write the file; return the exit code."""
    torch.set_num_threads(1)  # the sums of several threads round differently from run to run
    runs = []
    for seed in SEEDS:
        runs.append(record(seed))
        end = {name: values[-1] for name, values in runs[-1].items() if name not in ("seed", "parameters")}
        print(f"seed {seed}:", ", ".join(f"{name} {value}" for name, value in end.items()), flush=True)
    head = {
        "recording": "the one-kernel net, trained as in the chapter training, section Unlucky starts",
        "written_by": "tools/record_training.py",
        "date": datetime.date.today().isoformat(),
        "versions": versions(),
        "epochs": EPOCHS,
        **IMAGES,
    }
    rows = ",\n".join(
        json.dumps(run, separators=(",", ":")).replace(',"', ',\n"').replace("],[", "],\n[") for run in runs
    )
    text = json.dumps(head, indent=2).removesuffix("\n}") + f',\n  "runs": [\n{rows}\n  ]\n}}\n'
    atomic_write(FILE, text)
    print(f"{FILE.name} is written, {len(text):,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
