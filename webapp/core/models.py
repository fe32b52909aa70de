"""The job table, which is the only truth about work; events for pages; which database this is."""

from uuid import uuid4

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy


class Job(models.Model):
    """One stage of work on one subject, owned by ``webapp.core.jobs``.

    Attributes:
        stage: Name of a registered ``webapp.core.extension.stages.Stage``.
        subject_id: What the stage works on, as the photo's id; its kind stands in the stage.
        attempts: How often a worker took it since it was last armed.
        token: Proof of the present claim; only its holder may finish the job.
        worker: Name of the worker process that holds the claim.
        lease_expires_at: When the claim ends if nobody speaks for it.
        error: Why it failed, as a sentence for the user.
        hint_due_at: When the sweep should send the next wake-up if nobody took the job.
        hints: How many wake-ups the sweep has sent since the job was last armed.
    """

    class State(models.TextChoices):
        """Where a job stands."""

        PENDING = "pending", gettext_lazy("Pending")
        RUNNING = "running", gettext_lazy("Running")
        DONE = "done", gettext_lazy("Done")
        FAILED = "failed", gettext_lazy("Failed")
        QUARANTINED = "quarantined", gettext_lazy("Quarantined")

    stage = models.CharField(max_length=40)
    subject_id = models.UUIDField(db_index=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="jobs"
    )
    state = models.CharField(max_length=12, choices=State.choices, default=State.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    token = models.UUIDField(null=True)
    worker = models.CharField(max_length=80, blank=True)
    lease_expires_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, blank=True)
    hint_due_at = models.DateTimeField()
    hints = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["stage", "subject_id"], name="one_job_per_stage"),
            models.CheckConstraint(
                condition=models.Q(state="running", token__isnull=False)
                | (~models.Q(state="running") & models.Q(token__isnull=True)),
                name="only_a_running_job_has_a_token",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "hint_due_at"], name="job_hint_due"),
            models.Index(fields=["state", "lease_expires_at"], name="job_lease"),
            models.Index(
                fields=["stage", "id"], condition=models.Q(state="pending"), name="job_open"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.stage} of {self.subject_id}: {self.state}"


class Event(models.Model):
    """Something a user's open pages should hear of.

    The id only grows, in the order of commits, so a page that reconnects with the last id it saw
    misses nothing.

    Attributes:
        subject_id: The photo, video, moment or reel that it is about, with which it is forgotten;
            empty where it is about none, or about many.
        subject_kind: Which of these; the name under which the payload carries the id.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="events"
    )
    kind = models.CharField(max_length=40)
    subject_kind = models.CharField(max_length=20, blank=True, default="")
    subject_id = models.UUIDField(null=True, blank=True)
    payload = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [
            models.Index(fields=["user", "id"], name="event_by_user"),
            models.Index(
                fields=["user", "subject_id"],
                condition=models.Q(subject_id__isnull=False),
                name="event_by_subject",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class IntegrityCheck(models.Model):
    """What SQLite said when it was last asked whether its file is whole; one row."""

    answer = models.CharField(max_length=1000)
    checked_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.answer} at {self.checked_at}"

    @property
    def is_whole(self) -> bool:
        """Whether nothing was wrong."""
        return self.answer == "ok"


class Heartbeat(models.Model):
    """The last sign of life of one process, read by the health page."""

    name = models.CharField(max_length=80, primary_key=True)
    detail = models.JSONField(default=dict)
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class Installation(models.Model):
    """Which database this is; its one row is owned by ``webapp.core.files.installation``.

    Attributes:
        mark: Also written in the media folder, which thereby belongs to this database.
        turn: Grows with every sweep and is written in the media folder after it; a database that
            knows a lower one than its folder was restored from a backup.
        held_sweeps: Per kind of file how many orphans, of how many, stopped the last sweep.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    mark = models.UUIDField(default=uuid4)
    turn = models.PositiveBigIntegerField(default=0)
    held_sweeps = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="one_installation"),
        ]

    def __str__(self) -> str:
        return str(self.mark)
