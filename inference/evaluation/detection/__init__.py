"""How many faces are found, and how many boxes hold none: MTCNN beside what others would use."""
