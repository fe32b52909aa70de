"""The models of a worker: loaded late, chosen, fetched, and asked about photos and faces."""
