"""What was found in a photo."""

from collections.abc import Mapping
from typing import TypedDict
from uuid import uuid4
from zlib import crc32

from django.conf import settings
from django.db import models
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy

from webapp import vision
from webapp.core.words import emotions
from webapp.people.models import NAME_LENGTH, Group, Person, Reference
from webapp.photos.models import Concert, Photo
from webapp.photos.queries import in_library

EMOTION_FIELDS = ("emotion", "emotions", "probability", "emotion_model")
"""Of a face; they change together."""


class CandidateRecord(TypedDict):
    """A candidate as it is stored: the person's id and the cosine similarity."""

    person: str
    similarity: float


class FaceQuerySet(models.QuerySet["DetectedFace"]):
    """Faces of any photos."""

    def shown(self) -> "FaceQuerySet":
        """Return those that count: all but the dismissed ones."""
        return self.filter(dismissed_at=None)

    def to_sort(self) -> "FaceQuerySet":
        """Return those of libraries that have no name, and of which the user has not said so."""
        unnamed = self.shown().filter(in_library("photo__"), person=None)
        return unnamed.exclude(named_by=DetectedFace.NamedBy.USER)


class FaceCluster(models.Model):
    """Unnamed faces that look alike: one question of the list of faces to sort.

    Attributes:
        size: How many faces of it were still to be sorted when a worker last counted.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="face_clusters"
    )
    size = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("-size", "id")
        indexes = (models.Index(fields=("owner", "-size"), name="analysis_cluster_by_size"),)

    def __str__(self) -> str:
        return f"{self.size} faces that look alike"


class WorkList(models.Model):
    """How the faces of one user that are still to be sorted were grouped last.

    Attributes:
        space: Digest of where they were compared; in another one all are grouped anew.
        face_count: How many there were then, less those decided about since.
    """

    owner = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="work_list"
    )
    space = models.CharField(max_length=64, blank=True, default="")
    face_count = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.face_count} faces to sort of user {self.owner_id}"


class DetectedFace(models.Model):
    """One face of one photo.

    A dismissed face keeps its row, so that the next analysis knows it again by its box. It has
    neither name nor emotion meanwhile, so what asks for these passes it over by itself.

    Attributes:
        x1: Left edge in pixels of the upright full-size photo; may lie outside, like the others.
        score: Confidence of the detector, 0 to 1.
        landmarks: Five ``[x, y]`` in the same pixels.
        embedding: Raw, before any post-processing, as little-endian float32; ``None`` without
            consent or model.
        embedder: Tag of the networks that made ``embedding``; empty without one.
        similarity: Cosine similarity to the nearest reference of ``person``; empty when the user
            gave the name and no reference is near.
        named_by: Who decided on ``person``, or that it is nobody: the ``user`` or the gallery
            (``auto``). What the user decided is never overwritten.
        candidates: Nearest people, best first.
        emotions: Label to probability.
        probability: That of ``emotion``, by which searches find it; empty without one.
        emotion_model: Tag of the model that read the emotion; empty before.
        reference: The reference that was made from this face.
        dismissed_at: When the user put it away; empty for the faces that count.
        dismissed_as: Why: it is no face, or nobody whom the user wants to know.
        is_drawn: Whether the user drew its box, because the detector had missed it.
        cluster: The unnamed faces that it looks like.
        is_clustered: Whether it was looked for among them; it may look like none.
    """

    class Dismissal(models.TextChoices):
        """Why a face was put away."""

        NO = "", gettext_lazy("not dismissed")
        NO_FACE = "no-face", gettext_lazy("not a face")
        NOBODY = "nobody", gettext_lazy("nobody")

    class NamedBy(models.TextChoices):
        """Who decided on the name."""

        NOBODY = "", "nobody"
        AUTO = "auto", "recognised"
        USER = "user", "named by you"

    photo = models.ForeignKey(Photo, on_delete=models.CASCADE, related_name="faces")
    x1 = models.FloatField()
    y1 = models.FloatField()
    x2 = models.FloatField()
    y2 = models.FloatField()
    score = models.FloatField()
    landmarks = models.JSONField(default=list)
    quality = models.FloatField(default=0.0)
    embedding = models.BinaryField(null=True)
    embedder = models.CharField(max_length=100, blank=True, default="")
    person = models.ForeignKey(
        Person, on_delete=models.SET_NULL, null=True, blank=True, related_name="faces"
    )
    similarity = models.FloatField(null=True)
    named_by = models.CharField(
        max_length=4, choices=NamedBy.choices, blank=True, default=NamedBy.NOBODY
    )
    candidates = models.JSONField(default=list)
    emotion = models.CharField(max_length=20, blank=True, default="")
    emotions = models.JSONField(default=dict)
    probability = models.FloatField(null=True)
    emotion_model = models.CharField(max_length=100, blank=True, default="")
    reference = models.OneToOneField(
        Reference, on_delete=models.SET_NULL, null=True, blank=True, related_name="face"
    )
    not_these = models.ManyToManyField(Person, through="Rejection", related_name="+")
    dismissed_at = models.DateTimeField(null=True, blank=True)
    dismissed_as = models.CharField(
        max_length=7, choices=Dismissal.choices, blank=True, default=Dismissal.NO
    )
    is_drawn = models.BooleanField(default=False)
    cluster = models.ForeignKey(
        FaceCluster, on_delete=models.SET_NULL, null=True, blank=True, related_name="faces"
    )
    is_clustered = models.BooleanField(default=False)

    objects = FaceQuerySet.as_manager()

    class Meta:
        ordering = ("x1", "id")
        indexes = (
            models.Index(fields=("person", "photo"), name="analysis_face_person_photo"),
            # The photos in order, so that a set of them is quickly made; then what is compared.
            models.Index(
                fields=("emotion", "photo", "probability"), name="analysis_face_emotion_photo"
            ),
            models.Index(
                fields=("person", "emotion", "photo", "probability"),
                name="analysis_face_both_photo",
            ),
            models.Index(
                fields=("photo", "person", "emotion", "probability"), name="analysis_face_of_photo"
            ),
            models.Index(
                fields=("person", "dismissed_at", "photo"),
                condition=models.Q(person__isnull=True, dismissed_at__isnull=True),
                name="analysis_face_unnamed",
            ),
            models.Index(
                fields=("dismissed_at",),
                condition=models.Q(dismissed_at__isnull=False),
                name="analysis_face_dismissed",
            ),
            models.Index(
                fields=("photo",),
                condition=models.Q(
                    person__isnull=True, dismissed_at__isnull=True, is_clustered=False
                ),
                name="analysis_face_to_cluster",
            ),
        )
        constraints = (
            models.CheckConstraint(
                condition=models.Q(x2__gt=models.F("x1"), y2__gt=models.F("y1")),
                name="analysis_face_box_has_area",
            ),
        )

    def __str__(self) -> str:
        return f"face {self.pk} of photo {self.photo_id}"

    @property
    def box(self) -> tuple[float, float, float, float]:
        """``(x1, y1, x2, y2)`` in pixels of the upright full-size photo."""
        return self.x1, self.y1, self.x2, self.y2

    @property
    def is_decided_by_user(self) -> bool:
        """Whether the user gave or took the name, so that no match may change it."""
        return self.named_by == self.NamedBy.USER

    @property
    def is_kept(self) -> bool:
        """Whether it stays although a detector does not find it: the user has spoken of it."""
        return self.is_decided_by_user or self.is_drawn or self.dismissed_at is not None

    def set_emotion(
        self, label: str = "", probabilities: Mapping[str, float] | None = None, model: str = ""
    ) -> None:
        """Take over what it expresses, or nothing; writes ``EMOTION_FIELDS``, and does not save."""
        self.emotion, self.emotions, self.emotion_model = label, dict(probabilities or {}), model
        self.probability = self.emotions.get(label)

    @property
    def emotion_words(self) -> str:
        """What it expresses in one or two words; empty where nothing is sure."""
        return emotions.in_words(vision.emotion_words(self.emotion, self.emotions))

    @cached_property
    def emotion_bars(self) -> list[tuple[str, float]]:
        """Labels with their probability, most probable first."""
        bars: dict[str, float] = self.emotions
        return sorted(bars.items(), key=lambda bar: -bar[1])


class Rejection(models.Model):
    """The user's word that a face is *not* this person; no match may claim it again."""

    face = models.ForeignKey(DetectedFace, on_delete=models.CASCADE, related_name="rejections")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="rejections")

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("face", "person"), name="analysis_rejection_once_per_face"
            ),
        )

    def __str__(self) -> str:
        return f"face {self.face_id} is not person {self.person_id}"


class Decision(models.Model):
    """What the user has decided about faces or a person, so that it can be undone for a while.

    It holds ids and earlier names of ``person`` and no face: what was forgotten since then does not
    come back.

    Attributes:
        person: Whom it is about; forgetting them forgets this.
        before: How everything was; see ``webapp.analysis.sorting.undoing``.
        has_made_person: Whether ``person`` is there only since then.
    """

    class Kind(models.TextChoices):
        """What was decided."""

        NAMED = "named", gettext_lazy("named")
        UNNAMED = "unnamed", gettext_lazy("name taken away")
        NOT_THIS = "not-this", gettext_lazy("not this person")
        DISMISSED = "dismissed", gettext_lazy("dismissed")
        RENAMED = "renamed", "renamed"
        DELETED = "deleted", "deleted"

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="decisions"
    )
    kind = models.CharField(max_length=9, choices=Kind.choices)
    person = models.ForeignKey(
        Person, on_delete=models.CASCADE, null=True, related_name="decisions"
    )
    before = models.JSONField(default=dict)
    face_count = models.PositiveIntegerField(default=0)
    has_made_person = models.BooleanField(default=False)
    made_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        ordering = ("-made_at", "-pk")

    def __str__(self) -> str:
        return f"{self.kind} decision {self.pk} of user {self.owner_id}"


class Merge(models.Model):
    """What was made one person out of two, so that it can be undone for a while.

    It holds ids and two names and no face: what was forgotten since then does not come back.

    Attributes:
        target: Who is left; forgetting them forgets this.
        source: The id of the person who went, whose ``name`` and ``group`` these were.
        faces: Ids of the faces that were theirs.
        references: Ids of the references that were theirs.
        aliases: Ids of the aliases that were theirs.
        doubles: Ids of references of ``target`` made from files that had been enrolled for both.
        rejections: What was said of faces; see ``webapp.analysis.names.merging``.
        elsewhere: What other apps have moved, by their names.
        earlier: Ids of the merges into ``source``, which can be undone at ``target`` since.
    """

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="merges"
    )
    target = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="merges")
    source = models.UUIDField()
    name = models.CharField(max_length=NAME_LENGTH)
    group = models.ForeignKey(Group, on_delete=models.SET_NULL, null=True, related_name="+")
    faces = models.JSONField(default=list)
    references = models.JSONField(default=list)
    aliases = models.JSONField(default=list)
    doubles = models.JSONField(default=list)
    rejections = models.JSONField(default=dict)
    elsewhere = models.JSONField(default=dict)
    earlier = models.JSONField(default=list)
    made_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"person {self.source} merged into {self.target_id}"


class Portrait(models.Model):
    """The portrait version of one photo; its files lie beside the photo.

    Attributes:
        has_person: Whether anybody was found; if not, there are no files.
        strength: How much blur the user wants, 0 to 1.
        rendered_strength: How much blur the stored picture has; empty before the first rendering.
        model: Tag of the model that made the mask.
        subject: How it is decided who stays sharp.
        chosen: Face boxes of those whom the user chose, in pixels of the photo.
        rendered_heads: Face boxes of those who are sharp in the stored mask; none means everybody.
        lights: Whether the user wants lamps as discs; ``rendered_lights`` whether the picture has.
        choosing_heads: Face boxes of the people whose masks lie ready to choose by, in the order of
            these; ``None`` where nobody has asked for them.
    """

    class Subject(models.TextChoices):
        """Who stays sharp."""

        AUTO = "auto", gettext_lazy("Automatic")
        EVERYBODY = "all", gettext_lazy("Everybody")
        CHOSEN = "chosen", gettext_lazy("Chosen by you")

    DEFAULT_STRENGTH = 0.5

    photo = models.OneToOneField(Photo, on_delete=models.CASCADE, related_name="portrait")
    has_person = models.BooleanField(default=False)
    strength = models.FloatField(default=DEFAULT_STRENGTH)
    rendered_strength = models.FloatField(null=True)
    model = models.CharField(max_length=100, blank=True, default="")
    subject = models.CharField(max_length=6, choices=Subject.choices, default=Subject.AUTO)
    chosen = models.JSONField(default=list)
    rendered_heads = models.JSONField(default=list)
    lights = models.BooleanField(default=False)
    rendered_lights = models.BooleanField(default=False)
    choosing_heads = models.JSONField(null=True, default=None)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(strength__gte=0, strength__lte=1),
                name="analysis_portrait_strength_0_to_1",
            ),
        )

    def __str__(self) -> str:
        return f"portrait of photo {self.photo_id}"

    @property
    def rendition(self) -> str:
        """A word that is another one for every other picture, for its address."""
        drawn = (self.rendered_strength, self.rendered_lights, self.rendered_heads, self.model)
        return f"{crc32(repr(drawn).encode()):08x}"


class Statistics(models.Model):
    """What was counted of one person or one concert; see ``webapp.analysis.statistics.keeping``.

    Attributes:
        facts: As ``webapp.analysis.statistics.facts.Facts``; empty before the first counting.
        made_at: When they were counted; empty likewise.
        revision: Raised by each change of what is counted.
        made_revision: That of ``facts``.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="statistics"
    )
    person = models.OneToOneField(
        Person, on_delete=models.CASCADE, null=True, related_name="statistics"
    )
    concert = models.OneToOneField(
        Concert, on_delete=models.CASCADE, null=True, related_name="statistics"
    )
    facts = models.JSONField(default=dict)
    made_at = models.DateTimeField(null=True)
    revision = models.PositiveBigIntegerField(default=0)
    made_revision = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(person__isnull=True, concert__isnull=False)
                | models.Q(person__isnull=False, concert__isnull=True),
                name="analysis_statistics_of_one",
            ),
        )

    def __str__(self) -> str:
        return f"statistics of {self.subject}"

    @property
    def subject(self) -> Person | Concert:
        """Whom or what they are about."""
        found = self.person or self.concert
        if found is None:
            raise ValueError(f"statistics {self.pk} are of nothing")
        return found


class RecogniserChoice(models.Model):
    """Which embedder the owner of the site has chosen; at most one row.

    Attributes:
        embedder: Its name; empty for the built-in one.
        received: Bytes of a download that are here.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    is_only = models.BooleanField(default=True, unique=True)
    embedder = models.CharField(max_length=100, blank=True, default="")
    received = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(is_only=True), name="analysis_recogniser_choice_once"
            ),
        )

    def __str__(self) -> str:
        return self.embedder or "built-in"
