"""The form by which a folder is watched."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from webapp.accounts.models import User
from webapp.core.words.said import said
from webapp.folders import roots
from webapp.folders.models import LONGEST_PATH
from webapp.photos.models import Concert
from webapp.photos.queries import concerts_visible_to


class WatchForm(forms.Form):
    """Which folder is watched, and to which concert its photos belong."""

    path = forms.CharField(
        max_length=LONGEST_PATH,
        label=gettext_lazy("Folder"),
        help_text=gettext_lazy("Its whole path on this server. Folders in it are watched, too."),
        widget=forms.TextInput(
            attrs={"list": "folder-suggestions", "autocomplete": "off", "spellcheck": "false"}
        ),
    )
    concert = forms.ModelChoiceField(
        queryset=Concert.objects.none(),
        required=False,
        label=gettext_lazy("Concert"),
        empty_label=gettext_lazy("No concert"),
    )

    def __init__(self, owner: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["concert"]
        field.queryset = concerts_visible_to(owner)  # type: ignore[attr-defined]

    def clean_path(self) -> str:
        """Refuse what may not be watched."""
        path: str = self.cleaned_data["path"]
        if not path.startswith("/"):
            raise forms.ValidationError(said(roots.OUTSIDE))
        try:
            roots.real_folder(path)
        except roots.FolderRefusedError as error:
            raise forms.ValidationError(said(str(error))) from error
        return path
