"""Live frames: cameras in, frames in, answers out."""
