"""Who can be recognised, and by which pictures.

Everything belongs to the user who enrolled it; two users never share a person.
"""

from uuid import uuid4

from django.conf import settings
from django.db import models

from webapp.core.words.names import FoldedField

NAME_LENGTH = 80
FOLDED_LENGTH = 3 * NAME_LENGTH
"""A folded letter can be several; no name in use comes near this."""


class PeopleGallery(models.Model):
    """All references of one user, as one thing that changes.

    Attributes:
        revision: Grows with every change of the references or names, so that a job which matched
            against an older state notices and matches again before it writes.
        generation: Grows when the user forgets all faces; a job that began before writes no
            embedding any more.
        logged_since: Every change after this revision is among ``changes``.
        matched_revision: All photos are named by the gallery of this revision or a later one.
        matching_revision: What the matching under way, or cut short, will have reached.
        matched_until: Id of the last photo that it has dealt with; empty at its beginning.
        embedder: Tag of the model by which the library was last asked to be embedded anew.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    owner = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="people_gallery"
    )
    revision = models.PositiveBigIntegerField(default=0)
    generation = models.PositiveBigIntegerField(default=0)
    logged_since = models.PositiveBigIntegerField(default=0)
    matched_revision = models.PositiveBigIntegerField(default=0)
    matching_revision = models.PositiveBigIntegerField(default=0)
    matched_until = models.UUIDField(null=True)
    embedder = models.CharField(max_length=100, blank=True, default="")

    def __str__(self) -> str:
        return f"people of user {self.owner_id}"


class GalleryChange(models.Model):
    """One person, photo or concert that a change of a gallery was about.

    So a process that holds the gallery loads only what is new, and only faces near that person,
    that photo, and the photos of that concert are matched anew.

    Attributes:
        revision: Of the gallery after the change.
        person_id: Whose references changed; they may be gone.
        photo_id: On which the user has decided about a face, or whose concert changed.
        concert_id: Whose line-up changed.
    """

    gallery = models.ForeignKey(PeopleGallery, on_delete=models.CASCADE, related_name="changes")
    revision = models.PositiveBigIntegerField()
    person_id = models.UUIDField(null=True)
    photo_id = models.UUIDField(null=True)
    concert_id = models.UUIDField(null=True)

    class Meta:
        indexes = (models.Index(fields=("gallery", "revision"), name="people_change_by_revision"),)

    def __str__(self) -> str:
        return f"change {self.revision} of gallery {self.gallery_id}"


class Adaptation(models.Model):
    """What the people of a gallery have taught about comparing the embeddings of one model.

    It is learnt from their references, in steps (``webapp.people.gallery.adapting``), and changes
    only together with the revision of the gallery. No single face can be told from it.

    Attributes:
        embedder: Tag of the model.
        basis: Digest of what was shipped to learn from (``webapp.vision.learning_basis``).
        threshold: Cosine similarity below which a face stays unknown.
        numbers: As in ``webapp.vision.LearntSpace``.
        people: Ids of those it was learnt from, as text.
        references: From how many references.
    """

    gallery = models.ForeignKey(PeopleGallery, on_delete=models.CASCADE, related_name="adaptations")
    embedder = models.CharField(max_length=100)
    basis = models.CharField(max_length=64)
    threshold = models.FloatField()
    numbers = models.BinaryField()
    people = models.JSONField()
    references = models.PositiveIntegerField()
    learnt_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("gallery", "embedder"), name="people_adaptation_once_per_embedder"
            ),
        )

    def __str__(self) -> str:
        return f"adaptation of gallery {self.gallery_id} for {self.embedder}"


class Group(models.Model):
    """A group of people who appear together.

    Attributes:
        colour: As ``#rrggbb``; empty for none.
        credits: Who has collected its faces; goes along in a star pack.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="people_groups"
    )
    name = models.CharField(max_length=NAME_LENGTH)
    folded_name = FoldedField(of="name", max_length=FOLDED_LENGTH)
    colour = models.CharField(max_length=7, blank=True, default="")
    credits = models.CharField(max_length=300, blank=True, default="")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("folded_name", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("owner", "folded_name"), name="people_group_once_per_owner"
            ),
            models.CheckConstraint(
                condition=~models.Q(name=""), name="people_group_name_is_not_empty"
            ),
        )

    def __str__(self) -> str:
        return self.name


class GroupTraining(models.Model):
    """What was learnt from a group's own faces, and how it compares with the gallery.

    Attributes:
        folds_done: How far the comparison is, of five; tells while the job is under way.
        figures: The comparison (``inference.recognition.second_opinion.Comparison``); empty before.
        is_used: Whether names have to pass it.
        embedder: Tag of the networks whose embeddings it is for; this and what follows are there
            only where it is used.
        people: Ids of whom it knows, in the order of its weights.
        numbers: Weights and biases, little-endian float32.
        made_at: When it was compared; empty before.
    """

    group = models.OneToOneField(Group, on_delete=models.CASCADE, related_name="training")
    folds_done = models.PositiveSmallIntegerField(default=0)
    figures = models.JSONField(default=dict)
    is_used = models.BooleanField(default=False)
    embedder = models.CharField(max_length=100, blank=True, default="")
    people = models.JSONField(default=list)
    numbers = models.BinaryField(default=b"")
    made_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"training of group {self.group_id}"


class LineUpEntry(models.Model):
    """A group that played at a concert."""

    concert = models.ForeignKey("photos.Concert", on_delete=models.CASCADE, related_name="line_up")
    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="line_ups")

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("concert", "group"), name="people_line_up_group_once_per_concert"
            ),
        )

    def __str__(self) -> str:
        return f"group {self.group_id} at concert {self.concert_id}"


class Person(models.Model):
    """Somebody who can be recognised.

    Attributes:
        cover: The reference that its owner has chosen to stand for them; empty for the best. One
            that is somebody else's by now, or lies in the bin, is passed over.
        photo_count: Photos in the library that show them; set by ``queries.with_counts`` only.
    """

    photo_count: int

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="people"
    )
    name = models.CharField(max_length=NAME_LENGTH)
    folded_name = FoldedField(of="name", max_length=FOLDED_LENGTH)
    group = models.ForeignKey(
        Group, on_delete=models.SET_NULL, null=True, blank=True, related_name="people"
    )
    cover = models.ForeignKey(
        "Reference", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("folded_name", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("owner", "group", "folded_name"),
                condition=models.Q(group__isnull=False),
                name="people_person_once_per_group",
            ),
            models.UniqueConstraint(
                fields=("owner", "folded_name"),
                condition=models.Q(group__isnull=True),
                name="people_person_once_without_group",
            ),
            models.CheckConstraint(
                condition=~models.Q(name=""), name="people_person_name_is_not_empty"
            ),
        )

    def __str__(self) -> str:
        return self.name


class Alias(models.Model):
    """Another name of somebody, by which they are found as by their own."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="people_aliases"
    )
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="aliases")
    name = models.CharField(max_length=NAME_LENGTH)
    folded_name = FoldedField(of="name", max_length=FOLDED_LENGTH)

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(
                fields=("owner", "folded_name"), name="people_alias_once_per_owner"
            ),
            models.CheckConstraint(
                condition=~models.Q(name=""), name="people_alias_name_is_not_empty"
            ),
        )

    def __str__(self) -> str:
        return self.name


class Reference(models.Model):
    """One picture by which a person is recognised.

    Attributes:
        photo: Where the face was named; empty for an imported picture. Deleting the photo takes
            the reference with it.
        embedding: Raw, before any post-processing, as little-endian float32 of unit length.
        embedder: Tag of the networks that made ``embedding``.
        source_sha256: Hash of the imported file, so that importing a folder twice enrols once.
        era: Of which time or look the face is, as its owner calls it; empty for none.
        is_set_aside: Whether nobody is recognised by it, as it looks unlike the person's others
            (``webapp.people.gallery.setting_aside``).
        is_kept: Whether the user wants it used all the same.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="references"
    )
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="references")
    photo = models.ForeignKey(
        "photos.Photo", on_delete=models.CASCADE, null=True, blank=True, related_name="references"
    )
    embedding = models.BinaryField()
    embedder = models.CharField(max_length=100)
    quality = models.FloatField()
    source_sha256 = models.CharField(max_length=64, blank=True, default="")
    era = models.CharField(max_length=NAME_LENGTH, blank=True, default="")
    is_set_aside = models.BooleanField(default=False)
    is_kept = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-quality", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("person", "source_sha256"),
                condition=~models.Q(source_sha256=""),
                name="people_reference_once_per_file",
            ),
            models.CheckConstraint(
                condition=models.Q(quality__gte=0, quality__lte=1),
                name="people_reference_quality_0_to_1",
            ),
        )

    def __str__(self) -> str:
        return f"reference {self.pk} of person {self.person_id}"


class PendingPack(models.Model):
    """A star pack that was read and waits for its owner's word; at most a day, and one a user."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    owner = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="pending_pack"
    )
    content = models.BinaryField()
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"pack {self.pk} of user {self.owner_id}"
