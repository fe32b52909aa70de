"""What the health page says about the media folder and the files that nobody owns."""

from webapp.core.files import installation, orphans
from webapp.core.sections import Section


def library_section() -> Section:
    """Return whether files and rows belong together, and what rests in the trash."""
    section = Section("Library")
    if trouble := installation.trouble():
        section.status = "error"
        section.rows.append(("Media folder", trouble))
        section.rows.append(("Until then", "nothing is removed, no job is done, no upload taken"))
        section.rows.append(("What to do", installation.ADOPT))
        return section
    section.rows.append(("Media folder", "belongs to this database"))
    if held := orphans.held_sentence(orphans.waiting_for_approval()):
        section.status = "warn"
        section.rows.append(("Sweep stopped", held))
    section.rows.append(("In the trash", str(orphans.resting())))
    return section
