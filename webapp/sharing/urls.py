"""Addresses of links: their owner's pages, and the one that opens each."""

from django.urls import path

from webapp.sharing.views import members, owner, viewer

app_name = "sharing"
urlpatterns = [
    path("sharing/", owner.shares, name="list"),
    path("sharing/moments/<uuid:moment_id>/", owner.moment, name="moment"),
    path("sharing/reels/<uuid:reel_id>/", owner.reel, name="reel"),
    path("sharing/concerts/<uuid:concert_id>/", owner.concert, name="concert"),
    path("sharing/sessions/<uuid:session_id>/", owner.session, name="session"),
    path(
        "sharing/timelines/concerts/<uuid:concert_id>/",
        owner.concert_timeline,
        name="concert-timeline",
    ),
    path(
        "sharing/timelines/sessions/<uuid:session_id>/",
        owner.session_timeline,
        name="session-timeline",
    ),
    path("sharing/timelines/videos/<uuid:video_id>/", owner.video_timeline, name="video-timeline"),
    path("concerts/<uuid:concert_id>/members/", members.members, name="members"),
    path("concerts/<uuid:concert_id>/members/add/", members.add, name="member-add"),
    path("concerts/<uuid:concert_id>/members/invite/", members.invite, name="invite"),
    path("concerts/<uuid:concert_id>/members/<int:user_id>/", members.change, name="member-change"),
    path(
        "concerts/<uuid:concert_id>/invitations/<uuid:invitation_id>/revoke/",
        members.revoke,
        name="invitation-revoke",
    ),
    path("invitations/<str:token>/", members.invitation, name="invitation"),
    path("sharing/<uuid:share_id>/revoke/", owner.revoke, name="revoke"),
    path("s/<str:token>/", viewer.page, name="open"),
    path("s/<str:token>/film/", viewer.film, name="film"),
    path("s/<str:token>/<uuid:picture>/<slug:size>/", viewer.picture, name="picture"),
]
