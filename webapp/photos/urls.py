"""Addresses of the photos app."""

from django.urls import path

from webapp.photos.intake import PHOTOS
from webapp.photos.views import concerts, media, pages
from webapp.uploads import views as tus

app_name = "photos"
urlpatterns = [
    path("concerts/", concerts.concerts, name="concerts"),
    path("concerts/new/", concerts.new_concert, name="concert-new"),
    path("concerts/<uuid:concert_id>/edit/", concerts.edit_concert, name="concert-edit"),
    path("concerts/<uuid:concert_id>/delete/", concerts.delete_concert, name="concert-delete"),
    path("upload/", pages.upload, name="upload"),
    path("upload/tus/", tus.create, {"intake": PHOTOS}, name="tus"),
    path("upload/tus/<uuid:upload_id>/", tus.resume, {"intake": PHOTOS}, name="tus-upload"),
    path("photos/<uuid:photo_id>/media/<slug:variant>/", media.media, name="media"),
]
