"""The list of faces to sort: those without a name, grouped by likeness in a job for each owner.

Only faces that are new are looked at; who was grouped stays in their group until the library has
learnt to compare its people otherwise. What a job groups while the user names is written only
where the face still has no name.
"""

import time
from collections import defaultdict
from collections.abc import Hashable, Sequence
from uuid import UUID

from django.db import transaction
from django.db.models import Count, F, QuerySet
from django.db.models.functions import Greatest

from webapp import vision
from webapp.access.rights import Asker
from webapp.analysis.models import DetectedFace, FaceCluster, FaceQuerySet, WorkList
from webapp.core import jobs
from webapp.people.gallery.changes import gallery_of
from webapp.people.models import PeopleGallery
from webapp.people.queries import learnt_spaces_of
from webapp.vision.values import LearntSpace

STAGE = "sort-faces"
LEAST_QUALITY = 0.1
"""A poorer face looks like anybody, and is often none; as where names are given."""

AT_ONCE = 4000
"""New faces that are grouped together; memory grows with their square."""

LONERS = 2000
"""So many of those that are alone, the best, are looked at again beside new ones."""

MEMBERS, CLUSTERS = 30, 500
"""A new face is compared with so many faces of so many clusters, the largest."""

TURN_SECONDS = 120.0
"""After this the job ends and queues itself, far below its time limit."""


def clusters_visible_to(user: Asker) -> QuerySet[FaceCluster]:
    """Return the groups of faces that this user may name in one step, the largest first."""
    return FaceCluster.objects.filter(owner_id=user.pk, size__gt=1)


def loners_visible_to(user: Asker) -> QuerySet[DetectedFace]:
    """Return the unnamed faces of this user that look like no other, the best first."""
    faces = DetectedFace.objects.to_sort().filter(photo__owner_id=user.pk, cluster=None)
    return faces.defer("embedding").order_by("-quality", "pk")


def faces_to_sort(user: Asker) -> int:
    """Return how many faces of this user wait for a name, as last counted."""
    found = WorkList.objects.filter(owner_id=user.pk)
    return found.values_list("face_count", flat=True).first() or 0


def queue_sorting(owner_id: int) -> None:
    """Have the faces grouped that are new."""
    gallery = gallery_of(owner_id)
    if not jobs.is_open(STAGE, gallery.pk):
        jobs.enqueue(STAGE, gallery.pk, owner_id)


def sort_waiting() -> None:
    """Have every library sorted that has new faces and no job for it. A duty of the upkeep."""
    present = vision.present_embedder()
    if not present:
        return
    for owner_id in PeopleGallery.objects.values_list("owner_id", flat=True):
        if _new_faces(owner_id, present).exists():
            with transaction.atomic():
                queue_sorting(owner_id)


def sort_faces(claim: jobs.Claim) -> None:
    """Group the owner's new faces, and count those that wait for a name.

    Raises:
        jobs.LostClaimError: The job was given to somebody else, or the turn is over.
    """
    ends_at = time.monotonic() + TURN_SECONDS
    model = vision.present_embedder()
    learnt = learnt_spaces_of(claim.owner_id)
    _begin_anew_elsewhere(claim, vision.space_digest(model, learnt))
    while model and _group_portion(claim, model, learnt):
        if time.monotonic() > ends_at:
            with transaction.atomic():
                jobs.enqueue(STAGE, claim.subject_id, claim.owner_id)
            raise jobs.LostClaimError(f"job {claim.job_id} goes on in another turn")
    with jobs.finish(claim):
        recount(claim.owner_id)


def _new_faces(owner_id: int, model: str) -> FaceQuerySet:
    return DetectedFace.objects.to_sort().filter(
        photo__owner_id=owner_id, is_clustered=False, embedder=model
    )


def _begin_anew_elsewhere(claim: jobs.Claim, space: str) -> None:
    """Forget how faces were grouped where they were compared otherwise."""
    with transaction.atomic():
        work_list, _ = WorkList.objects.get_or_create(owner_id=claim.owner_id)
        if work_list.space == space:
            return
        _refuse_lost(claim)
        WorkList.objects.filter(pk=work_list.pk).update(space=space)
        faces = DetectedFace.objects.filter(photo__owner_id=claim.owner_id, is_clustered=True)
        faces.update(is_clustered=False, cluster=None)
        FaceCluster.objects.filter(owner_id=claim.owner_id).delete()


def _group_portion(claim: jobs.Claim, model: str, learnt: Sequence[LearntSpace]) -> bool:
    """Group the best of the new faces; ``False`` when there is none left."""
    new = list(
        _new_faces(claim.owner_id, model)
        .order_by("-quality", "pk")
        .only("embedding", "photo_id", "cluster_id", "quality")[:AT_ONCE]
    )
    if not new:
        return False
    fit = [face for face in new if face.quality >= LEAST_QUALITY and face.embedding]
    others = _to_compare_with(claim.owner_id, model) if fit else []
    looked_at = [*others, *fit]
    loose = [
        vision.LooseFace(bytes(face.embedding or b""), face.photo_id, face.cluster_id)
        for face in looked_at
    ]
    answers = vision.group_loose_faces(model, loose, learnt) if fit else []
    with transaction.atomic():
        _refuse_lost(claim)
        _store(claim.owner_id, looked_at, answers)
        DetectedFace.objects.filter(pk__in=[face.pk for face in new]).update(is_clustered=True)
    return True


def _to_compare_with(owner_id: int, model: str) -> list[DetectedFace]:
    """Return some faces of each cluster, and those that are alone."""
    clustered = DetectedFace.objects.to_sort().filter(
        photo__owner_id=owner_id, is_clustered=True, embedder=model, quality__gte=LEAST_QUALITY
    )
    fields = ("embedding", "photo_id", "cluster_id", "quality")
    alone = clustered.filter(cluster=None).order_by("-quality", "pk").only(*fields)[:LONERS]
    largest = FaceCluster.objects.filter(owner_id=owner_id).values_list("pk", flat=True)[:CLUSTERS]
    members = clustered.filter(cluster__in=list(largest)).order_by("-quality", "pk")
    few: defaultdict[UUID | None, list[DetectedFace]] = defaultdict(list)
    for face in members.only(*fields).iterator(chunk_size=500):
        if len(few[face.cluster_id]) < MEMBERS:
            few[face.cluster_id].append(face)
    return [*alone, *(face for faces in few.values() for face in faces)]


def _store(
    owner_id: int, faces: Sequence[DetectedFace], answers: Sequence[Hashable | None]
) -> None:
    """Write which cluster each face is in now; only of those that still have no name."""
    members: defaultdict[Hashable, list[int]] = defaultdict(list)
    for face, answer in zip(faces, answers, strict=True):
        if answer is not None and answer != face.cluster_id:
            members[answer].append(face.pk)
    for answer, ids in members.items():
        cluster_id = answer
        if not isinstance(answer, UUID):
            cluster_id = FaceCluster.objects.create(owner_id=owner_id).pk
        elif not FaceCluster.objects.filter(pk=answer).exists():
            continue
        for start in range(0, len(ids), 500):
            there = DetectedFace.objects.to_sort().filter(pk__in=ids[start : start + 500])
            DetectedFace.objects.filter(pk__in=list(there.values_list("pk", flat=True))).update(
                cluster=cluster_id
            )


def recount(owner_id: int) -> None:
    """Count what is left to sort, and let go of clusters in which nothing is."""
    faces = DetectedFace.objects.to_sort().filter(photo__owner_id=owner_id)
    counted = faces.exclude(cluster=None).order_by().values_list("cluster")
    sizes = dict(counted.annotate(size=Count("pk")))
    clusters = list(FaceCluster.objects.filter(owner_id=owner_id))
    for cluster in clusters:
        cluster.size = sizes.get(cluster.pk, 0)
    FaceCluster.objects.bulk_update(clusters, ["size"], batch_size=200)
    FaceCluster.objects.filter(owner_id=owner_id, size=0).delete()
    WorkList.objects.update_or_create(
        owner_id=owner_id, defaults={"face_count": faces.exclude(embedder="").count()}
    )


def note_sorted(owner_id: int, faces: Sequence[DetectedFace]) -> None:
    """Bring the kept numbers up to date after the user has decided about faces of the list."""
    left = Greatest(F("face_count") - len(faces), 0)
    WorkList.objects.filter(owner_id=owner_id).update(face_count=left)
    for cluster_id in {face.cluster_id for face in faces if face.cluster_id}:
        size = DetectedFace.objects.to_sort().filter(cluster=cluster_id).count()
        FaceCluster.objects.filter(pk=cluster_id).update(size=size)


def take_out(faces: QuerySet[DetectedFace]) -> None:
    """Let faces stand alone that do not belong to the others of their cluster."""
    faces.update(cluster=None)


def _refuse_lost(claim: jobs.Claim) -> None:
    if not jobs.holds(claim):
        raise jobs.LostClaimError(f"job {claim.job_id} was taken back")
