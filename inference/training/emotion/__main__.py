"""``python -m inference.training.emotion``."""

from inference.training.emotion.training import main

if __name__ == "__main__":
    main()
