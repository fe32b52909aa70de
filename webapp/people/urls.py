"""Addresses of people, their groups and their references."""

from django.urls import path

from webapp.people import views

app_name = "people"

urlpatterns = [
    path("people/", views.people_list, name="list"),
    path("people/suggest/", views.suggest, name="suggest"),
    path("people/<uuid:person_id>/rename/", views.rename, name="rename"),
    path("groups/<uuid:group_id>/rename/", views.rename_group, name="group-rename"),
    path("groups/<uuid:group_id>/delete/", views.delete_group, name="group-delete"),
    path("references/<uuid:reference_id>/crop/", views.reference_crop, name="reference-crop"),
    path("references/<uuid:reference_id>/keep/", views.keep_reference, name="reference-keep"),
    path("references/<uuid:reference_id>/cover/", views.choose_cover, name="reference-cover"),
    path("references/<uuid:reference_id>/delete/", views.delete_reference, name="reference-delete"),
]
