"""Addresses of the push app."""

from django.urls import path

from webapp.push import views

app_name = "push"
urlpatterns = [
    path("devices/", views.devices, name="devices"),
    path("devices/on/", views.turn_on, name="on"),
    path("devices/<uuid:device_id>/names/", views.set_names, name="names"),
    path("devices/<uuid:device_id>/off/", views.turn_off, name="off"),
]
