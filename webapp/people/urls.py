"""Addresses of people, their groups and their references."""

from django.urls import path

from webapp.people import pack_views, views

app_name = "people"

urlpatterns = [
    path("people/", views.people_list, name="list"),
    path("people/suggest/", views.suggest, name="suggest"),
    path("people/<uuid:person_id>/rename/", views.rename, name="rename"),
    path("groups/<uuid:group_id>/rename/", views.rename_group, name="group-rename"),
    path("groups/<uuid:group_id>/delete/", views.delete_group, name="group-delete"),
    path("groups/<uuid:group_id>/pack/", pack_views.export, name="pack-export"),
    path("people/packs/", pack_views.bring, name="pack-bring"),
    path("people/packs/<uuid:pack_id>/", pack_views.pack, name="pack"),
    path("people/packs/<uuid:pack_id>/take/", pack_views.take, name="pack-take"),
    path("people/packs/<uuid:pack_id>/leave/", pack_views.leave, name="pack-leave"),
    path("references/<uuid:reference_id>/era/", views.set_era, name="reference-era"),
    path("references/<uuid:reference_id>/crop/", views.reference_crop, name="reference-crop"),
    path("references/<uuid:reference_id>/keep/", views.keep_reference, name="reference-keep"),
    path("references/<uuid:reference_id>/cover/", views.choose_cover, name="reference-cover"),
    path("references/<uuid:reference_id>/delete/", views.delete_reference, name="reference-delete"),
]
