"""``python -m inference.training.emotion``."""

import sys

if "--add-class" in sys.argv:
    from inference.training.emotion.own_class import main
else:
    from inference.training.emotion.training import main

if __name__ == "__main__":
    main()
