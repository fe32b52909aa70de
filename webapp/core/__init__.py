"""The house: base pages, health, the job table, events and the supervisor."""
