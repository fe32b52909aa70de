"""Addresses of the moments app."""

from django.urls import path

from webapp.moments import video_views
from webapp.moments.video_intake import VIDEOS
from webapp.photos.views import tus

app_name = "moments"
urlpatterns = [
    path("videos/", video_views.videos, name="videos"),
    path("videos/<uuid:video_id>/", video_views.video, name="video"),
    path("videos/<uuid:video_id>/delete/", video_views.delete, name="video-delete"),
    path("videos/<uuid:video_id>/again/", video_views.again, name="video-again"),
    # Below the photos' own address, where request bodies are streamed (webapp.photos.bodies).
    path("upload/tus/videos/", tus.create, {"intake": VIDEOS}, name="video-tus"),
    path(
        "upload/tus/videos/<uuid:upload_id>/",
        tus.resume,
        {"intake": VIDEOS},
        name="video-upload",
    ),
]
