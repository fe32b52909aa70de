"""Names that reach moments later: whom the faces of their photos show by now."""

from collections import defaultdict
from uuid import UUID

from django.db.models import Q

from webapp.analysis.models import DetectedFace
from webapp.core import jobs
from webapp.moments.models import Moment
from webapp.people.models import Person


def name_moments(claim: jobs.Claim) -> None:
    """Let moments that nobody is named in say who is on their photo; bursts always follow it.

    Runs after all photos of a user were matched again. Who was named by the camera or a video
    stays, as they saw more than the one photo.
    """
    of_owner = Moment.objects.filter(owner_id=claim.owner_id).exclude(photo=None)
    following = of_owner.filter(Q(kind=Moment.Kind.BURST) | Q(people=None)).distinct()
    moments = list(following.prefetch_related("people"))
    photo_ids = of_owner.filter(pk__in=[moment.pk for moment in moments]).values("photo_id")
    faces = DetectedFace.objects.filter(photo_id__in=photo_ids).exclude(person=None)
    named: defaultdict[UUID | None, set[UUID]] = defaultdict(set)
    for photo_id, person_id in faces.order_by().values_list("photo_id", "person_id"):
        named[photo_id].add(person_id)
    changed = [
        moment
        for moment in moments
        if {person.pk for person in moment.people.all()} != named[moment.photo_id]
    ]
    with jobs.finish(claim):
        for moment in changed:
            moment.people.set(Person.objects.filter(pk__in=named[moment.photo_id]))
