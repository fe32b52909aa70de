"""Addresses of the folders app."""

from django.urls import path

from webapp.folders import views

app_name = "folders"
urlpatterns = [
    path("folders/", views.watched, name="watched"),
    path("folders/<uuid:folder_id>/look/", views.look, name="look"),
    path("folders/<uuid:folder_id>/pause/", views.pause, name="pause"),
    path("folders/<uuid:folder_id>/remove/", views.remove, name="remove"),
]
