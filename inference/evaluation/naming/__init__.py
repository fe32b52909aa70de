"""What the evaluations of names are made of: embeddings, people left out, error rates."""
