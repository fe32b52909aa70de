"""Which stored references would do harm, out of their embeddings; no network is loaded."""

from collections import defaultdict
from collections.abc import Sequence

from webapp.vision.gallery.spaces import Spaces, to_rows
from webapp.vision.values import Enrolled


def unlike_others(references: Sequence[Enrolled], space_of: Spaces) -> list[bool]:
    """Tell which references are unlike the others of their person, as far as one model can tell.

    Args:
        references: All of the people in question.
        space_of: Tag of a model to what makes its embeddings comparable.

    Returns:
        One answer per reference, in their order.
    """
    from inference.recognition.references import unlike_others as unlike

    by_model: defaultdict[str, list[int]] = defaultdict(list)
    for place, reference in enumerate(references):
        by_model[reference.embedder].append(place)
    answers = [False] * len(references)
    for model, places in by_model.items():
        own = [references[place] for place in places]
        rows = space_of(model).apply(to_rows([one.embedding for one in own]))
        for place, is_unlike in zip(places, unlike(rows, [one.person for one in own]), strict=True):
            answers[place] = bool(is_unlike)
    return answers
