"""What the health page says about the media folder and the files that nobody owns."""

from django.utils.translation import gettext

from webapp.core.extension.sections import Section
from webapp.core.files import installation, orphans
from webapp.core.words.said import said


def library_section() -> Section:
    """Return whether files and rows belong together, and what rests in the trash."""
    section = Section(gettext("Library"))
    if trouble := installation.trouble():
        section.status = "error"
        section.rows.append((gettext("Media folder"), said(trouble)))
        section.rows.append(
            (gettext("Until then"), gettext("nothing is removed, no job is done, no upload taken"))
        )
        section.rows.append((gettext("What to do"), said(installation.ADOPT)))
        return section
    section.rows.append((gettext("Media folder"), gettext("belongs to this database")))
    if held := orphans.held_sentence(orphans.waiting_for_approval()):
        section.status = "warn"
        section.rows.append((gettext("Sweep stopped"), said(held)))
    section.rows.append((gettext("In the trash"), str(orphans.resting())))
    return section
