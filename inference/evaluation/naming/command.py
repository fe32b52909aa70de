"""The command line of what measures names: a data folder in, a section of the report out."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from inference.errors import InferenceError
from inference.evaluation.report import Section, save
from inference.evaluation.verification import CACHE


def run(description: str, evaluate: Callable[[Path, Path, Path | None], Section]) -> None:
    """Read the command line, measure, keep the section; ends the process where data is missing.

    Args:
        description: What ``--help`` says.
        evaluate: Takes the data folder, the folder of cached embeddings and that of weights.
    """
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--cache", type=Path, default=CACHE)
    parser.add_argument("--weights-dir", type=Path, default=Path("var/weights"))
    arguments = parser.parse_args()
    try:
        section = evaluate(arguments.data, arguments.cache, arguments.weights_dir)
    except InferenceError as error:
        sys.exit(f"error: {error}")
    print(section.markdown)
    save(section)
