"""Words: names as people type them, and what is kept in English, in the language of the page."""
