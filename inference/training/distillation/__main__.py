"""``python -m inference.training.distillation``."""

from inference.training.distillation.training import main

if __name__ == "__main__":
    main()
