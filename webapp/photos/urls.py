"""Addresses of the photos app."""

from django.urls import path

from webapp.photos.arrival.intake import PHOTOS
from webapp.photos.views import concerts, media, pages, selected
from webapp.uploads import views as tus

app_name = "photos"
urlpatterns = [
    path("concerts/", concerts.concerts, name="concerts"),
    path("concerts/new/", concerts.new_concert, name="concert-new"),
    path("concerts/<uuid:concert_id>/edit/", concerts.edit_concert, name="concert-edit"),
    path("concerts/<uuid:concert_id>/delete/", concerts.delete_concert, name="concert-delete"),
    path("concerts/<uuid:concert_id>/merge/", concerts.merge_concert, name="concert-merge"),
    path("concerts/<uuid:concert_id>/split/", concerts.split_concert, name="concert-split"),
    path("concerts/<uuid:concert_id>/cover/", concerts.set_cover, name="concert-cover"),
    path("photos/selected/bin/", selected.throw, name="selected-bin"),
    path("photos/selected/restore/", selected.restore, name="selected-restore"),
    path("photos/selected/erase/", selected.erase, name="selected-erase"),
    path("photos/selected/favourite/", selected.favourite, name="selected-favourite"),
    path("photos/selected/concert/", selected.concert, name="selected-concert"),
    path("photos/selected/shift/", selected.shift, name="selected-shift"),
    path("photos/selected/date/", selected.date, name="selected-date"),
    path("upload/", pages.upload, name="upload"),
    path("upload/shared/", pages.shared, name="shared"),
    path("upload/tus/", tus.create, {"intake": PHOTOS}, name="tus"),
    path("upload/tus/<uuid:upload_id>/", tus.resume, {"intake": PHOTOS}, name="tus-upload"),
    path("photos/<uuid:photo_id>/media/<slug:variant>/", media.media, name="media"),
]
