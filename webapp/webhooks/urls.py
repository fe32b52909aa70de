"""Addresses of the webhooks app."""

from django.urls import path

from webapp.webhooks import views

app_name = "webhooks"
urlpatterns = [
    path("webhooks/", views.webhooks, name="list"),
    path("webhooks/<uuid:webhook_id>/", views.webhook, name="webhook"),
    path("webhooks/<uuid:webhook_id>/delete/", views.delete, name="delete"),
    path(
        "webhooks/<uuid:webhook_id>/deliveries/<uuid:delivery_id>/again/",
        views.send_again,
        name="again",
    ),
]
