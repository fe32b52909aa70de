"""The networks that turn a face into an embedding, each with its own reader of weights."""
