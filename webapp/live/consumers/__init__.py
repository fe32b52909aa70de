"""The websockets of the live app: one for cameras, one for viewers."""

from webapp.live.consumers.camera import CameraConsumer
from webapp.live.consumers.viewer import ViewerConsumer

__all__ = ["CameraConsumer", "ViewerConsumer"]
