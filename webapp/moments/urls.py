"""Addresses of the moments app."""

from django.urls import path

from webapp.moments.reel.recordings import RECORDINGS
from webapp.moments.video.intake import VIDEOS
from webapp.moments.video.recording import RECORDED
from webapp.moments.views import (
    archives,
    bin,
    fancams,
    found,
    grid,
    moment,
    night,
    reels,
    selected,
    taste,
    timeline,
    watching,
)
from webapp.moments.views import videos as video_views
from webapp.uploads import views as tus

app_name = "moments"
urlpatterns = [
    path("moments/", grid.moments, name="list"),
    path("bin/", bin.photos, name="bin"),
    path("bin/moments/", bin.moments, name="bin-moments"),
    path("bin/videos/", bin.videos, name="bin-videos"),
    path("bin/empty/", bin.empty, name="bin-empty"),
    path("moments/selected/bin/", selected.throw, name="selected-bin"),
    path("moments/selected/restore/", selected.restore, name="selected-restore"),
    path("moments/selected/erase/", selected.erase, name="selected-erase"),
    path("moments/selected/like/", selected.like, name="selected-like"),
    path("moments/selected/concert/", selected.concert, name="selected-concert"),
    path("moments/selected/download/", selected.download, name="selected-download"),
    path("moments/selected/reel/", selected.reel, name="selected-reel"),
    path("moments/<uuid:moment_id>/", moment.moment, name="moment"),
    path("moments/<uuid:moment_id>/like/", moment.like, name="like"),
    path("moments/<uuid:moment_id>/discard/", moment.discard, name="discard"),
    path("moments/<uuid:moment_id>/pick/", moment.pick, name="pick"),
    path("moments/<uuid:moment_id>/delete/", moment.delete, name="delete"),
    path("moments/<uuid:moment_id>/download/", moment.download, name="download"),
    path("moments/<uuid:moment_id>/animate/", reels.animate, name="animate"),
    path("moments/<uuid:moment_id>/clip/", reels.clip, name="clip"),
    path("moments/stars/<uuid:person_id>/archive/", archives.star, name="archive"),
    path("moments/reels/", reels.reels, name="reels"),
    path("moments/reels/<uuid:reel_id>/file/", reels.file, name="reel-file"),
    path("moments/reels/<uuid:reel_id>/retry/", reels.retry, name="reel-retry"),
    path("moments/reels/<uuid:reel_id>/delete/", reels.delete, name="reel-delete"),
    path("moments/timelines/", timeline.sources, name="timelines"),
    path("moments/timelines/concert/<uuid:concert_id>/", timeline.concert, name="timeline-concert"),
    path("moments/timelines/session/<uuid:session_id>/", timeline.session, name="timeline-session"),
    path("moments/timelines/video/<uuid:video_id>/", timeline.video, name="timeline-video"),
    path("moments/found/videos/<uuid:video_id>/", found.in_video, name="found-in-video"),
    path("moments/found/sessions/<uuid:session_id>/", found.in_session, name="found-in-session"),
    path("moments/nights/<uuid:concert_id>/", night.night, name="night"),
    path("moments/nights/<uuid:concert_id>/reel/", night.reel, name="night-reel"),
    path("moments/taste/", taste.taste, name="taste"),
    path("moments/taste/reset/", taste.reset, name="taste-reset"),
    path("videos/", video_views.videos, name="videos"),
    path("videos/<uuid:video_id>/", video_views.video, name="video"),
    path("videos/<uuid:video_id>/file/", watching.file, name="video-file"),
    path("videos/<uuid:video_id>/tracks/", watching.tracks, name="video-tracks"),
    path(
        "videos/<uuid:video_id>/tracks/<int:track_id>/name/",
        watching.name_track,
        name="video-track-name",
    ),
    path("videos/<uuid:video_id>/delete/", video_views.delete, name="video-delete"),
    path("videos/<uuid:video_id>/restore/", video_views.restore, name="video-restore"),
    path("videos/<uuid:video_id>/again/", video_views.again, name="video-again"),
    path("videos/<uuid:video_id>/fancam/", fancams.order, name="fancam"),
    # Below the photos' own address, where request bodies are streamed (webapp.core.server.bodies).
    path("upload/tus/videos/", tus.create, {"intake": VIDEOS}, name="video-tus"),
    path(
        "upload/tus/videos/<uuid:upload_id>/",
        tus.resume,
        {"intake": VIDEOS},
        name="video-upload",
    ),
    path("upload/tus/recordings/", tus.create, {"intake": RECORDED}, name="recording-tus"),
    path(
        "upload/tus/recordings/<uuid:upload_id>/",
        tus.resume,
        {"intake": RECORDED},
        name="recording-upload",
    ),
    path("upload/tus/clips/", tus.create, {"intake": RECORDINGS}, name="clip-tus"),
    path(
        "upload/tus/clips/<uuid:upload_id>/",
        tus.resume,
        {"intake": RECORDINGS},
        name="clip-upload",
    ),
]
