"""Addresses of grids, photos, faces, and of what joins people with photos."""

from django.urls import path

from webapp.analysis.search import views as search
from webapp.analysis.sorting import guess_views, worklist_views
from webapp.analysis.sorting import views as sorting_views
from webapp.analysis.takeout import views as takeout
from webapp.analysis.views import faces as face_views
from webapp.analysis.views import gallery as gallery_views
from webapp.analysis.views import keepsakes
from webapp.analysis.views import people as person_views
from webapp.analysis.views import photos as photo_views
from webapp.analysis.views import portraits as portrait_views
from webapp.analysis.views import recogniser as recogniser_views
from webapp.analysis.views import renewal as renewal_views
from webapp.analysis.views import selected as selected_views
from webapp.analysis.views import statistics as statistics_views
from webapp.analysis.views import training as training_views
from webapp.analysis.views import viewer as viewer_views

app_name = "analysis"

urlpatterns = [
    path("photos/", gallery_views.photos, name="photos"),
    path("search/", search.search, name="search"),
    path("search/suggestions/", search.suggestions, name="search-suggestions"),
    path("search/download/", search.download, name="search-download"),
    path("albums/", search.albums, name="albums"),
    path("albums/new/", search.save, name="album-new"),
    path("albums/<uuid:album_id>/", search.album, name="album"),
    path("albums/<uuid:album_id>/rename/", search.rename, name="album-rename"),
    path("albums/<uuid:album_id>/delete/", search.delete, name="album-delete"),
    path("photos/selected/name/", selected_views.name, name="selected-name"),
    path("photos/selected/download/", takeout.selected, name="takeout-selected"),
    path("concerts/<uuid:concert_id>/download/", takeout.concert, name="takeout-concert"),
    path("people/<uuid:person_id>/download/", takeout.person, name="takeout-person"),
    path("photos/faces/", gallery_views.faces, name="faces"),
    path("photos/viewed/", viewer_views.viewed, name="viewed"),
    path("photos/<uuid:photo_id>/around/", viewer_views.around, name="around"),
    path("photos/recognise/", gallery_views.recognise_all, name="recognise-all"),
    path("concerts/<uuid:concert_id>/", gallery_views.concert, name="concert"),
    path("concerts/<uuid:concert_id>/line-up/", gallery_views.line_up, name="line-up"),
    path(
        "concerts/<uuid:concert_id>/statistics/",
        statistics_views.concert,
        name="concert-statistics",
    ),
    path("photos/<uuid:photo_id>/", photo_views.photo, name="photo"),
    path("photos/<uuid:photo_id>/delete/", photo_views.delete, name="photo-delete"),
    path("photos/<uuid:photo_id>/portrait/", portrait_views.portrait, name="portrait"),
    path("photos/<uuid:photo_id>/subject/", portrait_views.subject, name="subject"),
    path("photos/<uuid:photo_id>/masks/", portrait_views.masks, name="masks"),
    path("photos/<uuid:photo_id>/cut-out/", keepsakes.cut_out, name="cut-out"),
    path("photos/<uuid:photo_id>/card/", keepsakes.card, name="card"),
    path("photos/<uuid:photo_id>/like/", photo_views.like, name="photo-like"),
    path("photos/<uuid:photo_id>/retry/", photo_views.retry, name="photo-retry"),
    path("faces/<int:face_id>/name/", face_views.name, name="face-name"),
    path("faces/<int:face_id>/unname/", face_views.unname, name="face-unname"),
    path("faces/<int:face_id>/reject/", face_views.reject, name="face-reject"),
    path("faces/<int:face_id>/crop/", face_views.crop, name="face-crop"),
    path("faces/<int:face_id>/dismiss/", sorting_views.dismiss, name="face-dismiss"),
    path("faces/<int:face_id>/bring-back/", sorting_views.bring_back, name="face-bring-back"),
    path("photos/<uuid:photo_id>/faces/", sorting_views.draw, name="face-draw"),
    path("people/sort/", worklist_views.work_list, name="work-list"),
    path("people/sort/alone/", worklist_views.loners, name="loners"),
    path("people/sort/decide/", worklist_views.decide, name="work-list-decide"),
    path("people/guesses/", guess_views.guesses, name="guesses"),
    path("people/guesses/next/", guess_views.next_guesses, name="guesses-next"),
    path("faces/<int:face_id>/why/", guess_views.why, name="face-why"),
    path("people/undo/", sorting_views.undo_list, name="undo-list"),
    path("people/dismissed/", sorting_views.dismissed, name="dismissed"),
    path("decisions/<int:decision_id>/undo/", sorting_views.undo, name="decision-undo"),
    path("recogniser/", recogniser_views.page, name="recogniser"),
    path("recogniser/download/", recogniser_views.download, name="recogniser-download"),
    path("recogniser/stop/", recogniser_views.stop, name="recogniser-stop"),
    path("recogniser/use/", recogniser_views.use, name="recogniser-use"),
    path("groups/<uuid:group_id>/training/", training_views.page, name="training"),
    path("groups/<uuid:group_id>/training/begin/", training_views.begin, name="training-begin"),
    path("groups/<uuid:group_id>/training/undo/", training_views.undo, name="training-undo"),
    path("renewal/", renewal_views.page, name="renewal"),
    path("renewal/begin/", renewal_views.renew, name="renew"),
    path("people/forget/", person_views.forget, name="forget"),
    path("people/<uuid:person_id>/", person_views.person, name="person"),
    path("people/<uuid:person_id>/statistics/", statistics_views.person, name="person-statistics"),
    path("people/<uuid:person_id>/merge/", person_views.merge, name="person-merge"),
    path(
        "people/<uuid:person_id>/merges/<int:merge_id>/undo/",
        person_views.part,
        name="person-part",
    ),
    path("people/<uuid:person_id>/delete/", person_views.delete, name="person-delete"),
]
