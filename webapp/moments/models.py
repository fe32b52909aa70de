"""Moments, their frames, uploaded videos, emotions over an evening, and what a user likes."""

from datetime import tzinfo
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy

from webapp import vision
from webapp.core.events import Subject
from webapp.core.words import emotions
from webapp.core.words.names import MAX_NAME_LENGTH
from webapp.live.models import LiveSession
from webapp.moments.expressed import EXPRESSED
from webapp.people.models import Person
from webapp.photos.models import Concert, Photo, shown_zone
from webapp.vision.values import SAMPLE_SECONDS

__all__ = [
    "SAMPLE_SECONDS",
    "EmotionSample",
    "Moment",
    "MomentFrame",
    "Taste",
    "Video",
    "VideoTrack",
]


class Video(models.Model):
    """An uploaded video; its file lies in ``webapp.moments.video.storage``, under its id.

    Attributes:
        display_name: What the file was called, made harmless; never part of a path.
        sha256: Of the file as it was uploaded; the same content is one video of its owner.
        stored_sha256: Of the file as it lies on the disk, where places were blanked out of it;
            empty where it is as it was uploaded, ``REWRITING`` while that is being found out.
        duration_seconds: Empty until the file was opened; ``width`` and ``height``, upright, too.
        analysed_seconds: How far the analysis has come; it goes on from there after a kill.
        round: How often it was begun anew; no photo of one round has the id of an earlier one,
            whose files may still be on their way out.
        session: Whose feed it is, where its owner had that recorded on the camera page.
        recorded_at: When the recording began, by the file's own word; of a session's feed by the
            server's clock, as its moments are.
        failure: Why it cannot be analysed, or not to its end, as a sentence for its owner.
        binned_at: When it was put into the bin, like ``Photo.binned_at``.
    """

    REWRITING = "rewriting"

    class State(models.TextChoices):
        """How far it is."""

        UPLOADED = "uploaded"
        ANALYSING = "analysing"
        READY = "ready"
        FAILED = "failed"

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="videos"
    )
    concert = models.ForeignKey(
        Concert, on_delete=models.SET_NULL, null=True, blank=True, related_name="videos"
    )
    session = models.ForeignKey(
        LiveSession, on_delete=models.SET_NULL, null=True, blank=True, related_name="recordings"
    )
    display_name = models.CharField(max_length=MAX_NAME_LENGTH)
    sha256 = models.CharField(max_length=64)
    stored_sha256 = models.CharField(max_length=64, default="", blank=True)
    bytes = models.PositiveBigIntegerField()
    duration_seconds = models.FloatField(null=True)
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    recorded_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.UPLOADED)
    analysed_seconds = models.FloatField(default=0.0)
    round = models.PositiveSmallIntegerField(default=0)
    failure = models.CharField(max_length=300, blank=True)
    binned_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "sha256"], name="one_video_per_content")
        ]
        indexes = [models.Index(fields=["owner", "-created_at", "-id"], name="video_list")]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def zone(self) -> tzinfo:
        """In which its times are shown."""
        return shown_zone(self.concert)


class Moment(models.Model):
    """One instant worth keeping. Its picked frame is a photo like any other.

    Attributes:
        key: Made by whoever chose the moment; the same choice told twice is one moment.
        at: When the picture was taken, on the server's clock.
        at_seconds: Seconds since its session or video began.
        score: 0 to 1, of its picked frame, or where nobody scored that one of the best that was
            scored beside it; empty where none was.
        emotion: What the star expresses; empty when that is not sure.
        reason: Why it was chosen, in words.
        look: The one star's face as a few numbers while its video is being analysed, so that the
            next slices know whether they show the same again.
        people: Who is meant: one star, several in a group moment, nobody when unknown.
        is_named_by_photo: Whether ``people`` follow the names of the faces on its photo, as nobody
            was named when it was captured, or the user corrected it there; always so in a burst.
        photo: The picked frame, once it has arrived. Two stars may be at their best on the same
            frame, so two moments may share it.
        liked_at: When it was liked; kept while it is discarded, so that bringing it back brings the
            like back. A discarded moment counts as discarded.
        binned_at: When it was put into the bin, like ``Photo.binned_at``.
        judged_at: When it was liked, or discarded after that, or else had another frame picked by
            hand; empty while the user has decided nothing, so that a new round may replace it.
    """

    class Kind(models.TextChoices):
        """How it came about."""

        AUTO = "auto", gettext_lazy("by itself")
        GROUP = "group", gettext_lazy("several stars together")
        MANUAL = "manual", gettext_lazy("by hand")
        BURST = "burst", gettext_lazy("best of a burst")

    class State(models.TextChoices):
        """Whether its picture is there."""

        WANTED = "wanted"
        READY = "ready"
        LOST = "lost"

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="moments"
    )
    concert = models.ForeignKey(
        Concert, on_delete=models.SET_NULL, null=True, blank=True, related_name="moments"
    )
    session = models.ForeignKey(
        LiveSession, on_delete=models.SET_NULL, null=True, blank=True, related_name="moments"
    )
    video = models.ForeignKey(
        Video, on_delete=models.CASCADE, null=True, blank=True, related_name="moments"
    )
    photo = models.ForeignKey(
        Photo, on_delete=models.SET_NULL, null=True, blank=True, related_name="moments"
    )
    people = models.ManyToManyField(Person, related_name="moments", blank=True)
    is_named_by_photo = models.BooleanField(default=False)
    key = models.CharField(max_length=64)
    kind = models.CharField(max_length=6, choices=Kind.choices, default=Kind.AUTO)
    state = models.CharField(max_length=6, choices=State.choices, default=State.WANTED)
    at = models.DateTimeField()
    at_seconds = models.FloatField(default=0.0)
    score = models.FloatField(null=True, blank=True)
    emotion = models.CharField(max_length=20, blank=True, default="")
    emotions = models.JSONField(default=dict)
    reason = models.CharField(max_length=200, blank=True)
    look = models.BinaryField(default=b"", blank=True)
    is_discarded = models.BooleanField(default=False)
    binned_at = models.DateTimeField(null=True, blank=True)
    liked_at = models.DateTimeField(null=True, blank=True)
    judged_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "key"], name="one_moment_per_key")]
        indexes = [
            models.Index(fields=["owner", "state", "-at", "-id"], name="moment_grid"),
            models.Index(fields=["concert", "-at"], name="moment_concert"),
            models.Index(fields=["owner", "state", "emotion", "-at", "-id"], name="moment_emotion"),
            models.Index(
                fields=["owner", "state", "-at", "-id"],
                condition=models.Q(liked_at__isnull=False),
                name="moment_liked",
            ),
            models.Index(
                fields=["concert", "-score", "-id"],
                condition=models.Q(liked_at__isnull=True),
                name="moment_best",
            ),
            models.Index(
                fields=["concert", "liked_at", "-id"],
                condition=models.Q(liked_at__isnull=False),
                name="moment_best_liked",
            ),
            models.Index(
                fields=["owner", "binned_at"],
                condition=models.Q(binned_at__isnull=False),
                name="moment_bin",
            ),
            models.Index(
                fields=["created_at"],
                condition=models.Q(state="wanted"),
                name="moment_waiting",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def as_subject(self) -> Subject:
        """What events about it are about."""
        return Subject("moment", self.pk)

    @property
    def emotion_words(self) -> str:
        """What the star expresses in one or two words; empty where nothing is sure."""
        return emotions.in_words(vision.emotion_words(self.emotion, self.emotions))

    @property
    def zone(self) -> tzinfo:
        """In which its times are shown."""
        return shown_zone(self.concert)

    @property
    def is_liked(self) -> bool:
        """Whether it is liked, and was not discarded since."""
        return self.liked_at is not None and not self.is_discarded


class MomentFrame(models.Model):
    """One frame of a moment: the chosen one or an alternate, with what was seen on it.

    Attributes:
        number: The publisher's frame number; for a video the frame's presentation time in ticks
            (``inference.video.reader``), by which it is found again exactly.
        captured_at: Milliseconds of the publisher's clock, or of the video.
        score: 0 to 1; empty where nobody has scored it.
        terms: Score term to 0..1 (``inference.moments.scoring``).
        box: ``[x1, y1, x2, y2]`` of the star's face as shares of the frame's width and height.
        photo: The frame in full resolution, once it has arrived.
        is_peak: Whether it was taken at the peak between two frames that were scored; it comes
            before them as long as it has no score of its own.
        is_picked: Whether it is the moment's picture.
    """

    moment = models.ForeignKey(Moment, on_delete=models.CASCADE, related_name="frames")
    number = models.BigIntegerField()
    captured_at = models.FloatField()
    score = models.FloatField(null=True, blank=True)
    terms = models.JSONField(default=dict)
    reason = models.CharField(max_length=200, blank=True)
    box = models.JSONField(default=list)
    photo = models.ForeignKey(
        Photo, on_delete=models.SET_NULL, null=True, blank=True, related_name="moment_frames"
    )
    is_peak = models.BooleanField(default=False)
    is_picked = models.BooleanField(default=False)

    class Meta:
        ordering = ("captured_at", "id")
        constraints = [
            models.UniqueConstraint(fields=["moment", "number"], name="one_frame_per_number"),
            models.UniqueConstraint(
                fields=["moment"],
                condition=models.Q(is_picked=True),
                name="one_picked_frame_per_moment",
            ),
        ]

    def __str__(self) -> str:
        return f"frame {self.number} of moment {self.moment_id}"


class EmotionSample(models.Model):
    """What one star expressed during a few seconds of a session or a video.

    Attributes:
        second: Where the bin begins, in seconds since the source began.
        emotions: Label to mean probability.
        count: How many readings the mean is made of.
        expressed: How many of them were of any expression; the database works it out.
    """

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    session = models.ForeignKey(
        LiveSession, on_delete=models.CASCADE, null=True, related_name="emotion_samples"
    )
    video = models.ForeignKey(
        Video, on_delete=models.CASCADE, null=True, related_name="emotion_samples"
    )
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="emotion_samples")
    second = models.PositiveIntegerField()
    emotions = models.JSONField(default=dict)
    count = models.PositiveIntegerField(default=1)
    expressed = models.GeneratedField(
        expression=EXPRESSED, output_field=models.FloatField(), db_persist=True
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(session__isnull=True) ^ models.Q(video__isnull=True),
                name="emotion_sample_has_one_source",
            ),
            models.UniqueConstraint(
                fields=["session", "person", "second"],
                condition=models.Q(session__isnull=False),
                name="one_sample_per_session_bin",
            ),
            models.UniqueConstraint(
                fields=["video", "person", "second"],
                condition=models.Q(video__isnull=False),
                name="one_sample_per_video_bin",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} at {self.second} s"


class VideoTrack(models.Model):
    """Where one face was during a slice of a video, to be drawn over it.

    Attributes:
        person: Whose it surely was when the video was looked through.
        start_ms: Time of the first box in milliseconds of the video; ``stop_ms`` of the last.
        boxes: ``[ms, x1, y1, x2, y2]``, the edges in ten-thousandths of width and height.
    """

    video = models.ForeignKey(Video, on_delete=models.CASCADE, related_name="tracks")
    person = models.ForeignKey(
        Person, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    start_ms = models.PositiveIntegerField()
    stop_ms = models.PositiveIntegerField()
    boxes = models.JSONField()

    class Meta:
        indexes = [models.Index(fields=["video", "start_ms"], name="video_track_time")]

    def __str__(self) -> str:
        return f"track of video {self.video_id} from {self.start_ms} ms"


class Taste(models.Model):
    """What a user wants captured, and what was learnt from likes and discards.

    Attributes:
        is_wanted: Whether moments capture themselves at all.
        anyone: Whether faces without a name count too.
        per_minute: Most moments a star may have in a minute.
        weights: Learnt weight of each score term; empty for the usual ones.
        learnt_from: Likes and discards behind ``weights``.
        favourites: Stars that get more.
        reset_at: Likes and discards before this no longer count.
    """

    owner = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="taste"
    )
    is_wanted = models.BooleanField(default=True)
    anyone = models.BooleanField(default=False)
    per_minute = models.PositiveSmallIntegerField(default=4)
    weights = models.JSONField(default=dict)
    learnt_from = models.PositiveIntegerField(default=0)
    reset_at = models.DateTimeField(null=True, blank=True)
    favourites = models.ManyToManyField(Person, related_name="+", blank=True)

    def __str__(self) -> str:
        return f"taste of user {self.owner_id}"


class Reel(models.Model):
    """A film made of moments; its file lies in ``webapp.moments.reel.services``, under its id.

    It shows pictures and names that may be deleted later. ``photos`` and ``people`` say which;
    once one of them is gone, fewer are linked than were used, and the reel is removed.

    Attributes:
        kind: A film of several moments, the frames of one moment that repeat, a tall film that
            follows one star through a video, or the seconds around a moment with their sound.
        moment: Whose frames repeat, or around which a clip lies; empty for a film.
        video: Of which a fancam or a clip is cut, from ``start_seconds`` to ``stop_seconds``. A
            clip without one is cut of the recording that its camera brought.
        peak_seconds: When its moment is, in the video or recording of a clip.
        photos: Every photo that it shows; none for a fancam, which goes with its video.
        title: What a film is called, and an animation as long as nobody is named in its moment;
            it holds no names but of ``people``.
        people: Everybody whose name is written in it or in its title, and whom a fancam follows.
        photo_count: How many photos it was ordered with; ``person_count`` likewise.
        has_names: Whether names are written under the pictures.
        progress: 0 to 1.
        failure: Why it could not be made, as a sentence for its owner.
    """

    class Kind(models.TextChoices):
        """What is made."""

        FILM = "film", gettext_lazy("highlight reel")
        LOOP = "loop", gettext_lazy("animated moment")
        FANCAM = "fancam", gettext_lazy("fancam")
        CLIP = "clip", gettext_lazy("clip")

    class State(models.TextChoices):
        """Whether its file is there."""

        WAITING = "waiting"
        READY = "ready"
        FAILED = "failed"

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="reels"
    )
    kind = models.CharField(max_length=6, choices=Kind.choices, default=Kind.FILM)
    title = models.CharField(max_length=MAX_NAME_LENGTH)
    moment = models.ForeignKey(
        Moment, on_delete=models.CASCADE, null=True, blank=True, related_name="reels"
    )
    video = models.ForeignKey(
        Video, on_delete=models.CASCADE, null=True, blank=True, related_name="fancams"
    )
    start_seconds = models.FloatField(default=0.0)
    stop_seconds = models.FloatField(default=0.0)
    peak_seconds = models.FloatField(default=0.0)
    photos = models.ManyToManyField(Photo, related_name="+")
    people = models.ManyToManyField(Person, related_name="+", blank=True)
    photo_count = models.PositiveIntegerField()
    person_count = models.PositiveIntegerField(default=0)
    has_names = models.BooleanField(default=True)
    state = models.CharField(max_length=7, choices=State.choices, default=State.WAITING)
    progress = models.FloatField(default=0.0)
    failure = models.CharField(max_length=300, blank=True)
    bytes = models.PositiveBigIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["owner", "-created_at"], name="reel_list")]

    def __str__(self) -> str:
        return str(self.id)


class NamedMoments(models.Model):
    """How far the names of a user's moments follow those of their photos.

    Attributes:
        revision: Of the user's gallery; what changed later may still concern moments.
    """

    owner = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="named_moments"
    )
    revision = models.PositiveBigIntegerField()

    def __str__(self) -> str:
        return f"moments of user {self.owner_id} named up to change {self.revision}"
