"""Uploaded videos: taken in, analysed slice by slice, their chosen frames kept as photos."""
