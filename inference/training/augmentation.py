"""Makes one face look like the many photos it could have been, for a whole batch at once.

A loop over images costs more than the network's own step, so everything here is a few tensor
operations on the batch. A stage face is small, dark, lit from one side, blurred and half hidden by
a microphone; each of these has its operation. Input and output are grey: colour is put on a face
only to find out what coloured light leaves of its grey.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch import Tensor
from torch.nn import functional


@dataclass(frozen=True, slots=True)
class FaceAugmentation:
    """Random changes of grey face crops.

    Attributes:
        rotation_degrees: Largest turn to either side.
        zoom: Smallest and largest scale of the face.
        shift: Largest move as a share of the image side.
        stretch: Largest change of the aspect ratio.
        mirrored: Share of images that are mirrored.
        relit: Share with another brightness curve and a gradient of light.
        coloured: Share given a skin tone and lit by two coloured lamps before it is grey again.
        sharpened: Share with crisper edges, as a large face has after it was made small.
        shrunk: Share taken through a smaller size, down to ``smallest_side`` pixels.
        blurred: Share blurred.
        noisy: Share with noise.
        erased: Share with a rectangle covered.
        smallest_side: Least side in pixels when shrunk; a distant stage face has about 24.
    """

    rotation_degrees: float = 14.0
    zoom: tuple[float, float] = (0.88, 1.18)
    shift: float = 0.08
    stretch: float = 0.06
    mirrored: float = 0.5
    relit: float = 0.35
    coloured: float = 0.0
    sharpened: float = 0.0
    shrunk: float = 0.12
    blurred: float = 0.10
    noisy: float = 0.15
    erased: float = 0.35
    smallest_side: int = 18

    def __call__(self, images: Tensor, side: int) -> Tensor:
        """Change a batch at random, by the global random state of torch.

        Args:
            images: ``(B, 1, H, W)`` float32, 0 to 1.
            side: Side in pixels of the result, which need not be that of ``images``.

        Returns:
            ``(B, 1, side, side)`` float32, 0 to 1.
        """
        images = self.move(images, side)
        images = on_share(images, self.relit, relight)
        images = on_share(images, self.coloured, light_in_colour)
        images = on_share(images, self.shrunk, lambda x: shrink(x, self.smallest_side))
        images = on_share(images, self.blurred, blur)
        images = on_share(images, self.sharpened, sharpen)
        images = on_share(images, self.noisy, add_noise)
        return on_share(images, self.erased, erase)

    def calmer(self, factor: float) -> "FaceAugmentation":
        """Spoil this many times as many images; the geometry stays as it is."""
        return replace(
            self,
            relit=self.relit * factor,
            coloured=self.coloured * factor,
            sharpened=self.sharpened * factor,
            shrunk=self.shrunk * factor,
            blurred=self.blurred * factor,
            noisy=self.noisy * factor,
            erased=self.erased * factor,
        )

    def move(self, images: Tensor, side: int) -> Tensor:
        """Turn, zoom, shift, stretch and mirror, in one resampling."""
        count = len(images)
        angle = uniform(images, -self.rotation_degrees, self.rotation_degrees) * math.pi / 180
        zoom = uniform(images, *self.zoom)
        stretch = uniform(images, 1 - self.stretch, 1 + self.stretch)
        mirror = 1.0 - 2.0 * (uniform(images, 0, 1) < self.mirrored).float()
        cos, sin = angle.cos() / zoom, angle.sin() / zoom
        # A zoomed-in face may wander further before it leaves the picture.
        dx, dy = (uniform(images, -2 * self.shift, 2 * self.shift) for _ in range(2))
        rows = [cos * stretch * mirror, -sin, dx, sin * stretch * mirror, cos, dy]
        theta = torch.stack(rows, 1).view(count, 2, 3)
        grid = functional.affine_grid(theta, [count, 1, side, side], align_corners=False)
        return functional.grid_sample(images, grid, padding_mode="border", align_corners=False)


SKIN_TONES = ((0.96, 0.80, 0.70), (0.88, 0.66, 0.52), (0.70, 0.47, 0.34), (0.40, 0.26, 0.18))
"""Red, green and blue of lit skin, from pale to dark."""

LUMA = (0.299, 0.587, 0.114)
"""What red, green and blue count in grey, as the product turns a crop grey (ITU-R BT.601)."""


COLOUR_PHOTOS = FaceAugmentation(relit=0.3, coloured=0.35, sharpened=0.15, shrunk=0.2)
"""For faces that come out of colour photos of every size, and not out of FER2013."""


def light_in_colour(images: Tensor) -> Tensor:
    """Colour grey faces like skin, light them with two coloured lamps, and make them grey again.

    A lamp of one colour leaves little of the others, and a bright channel clips before the grey
    does: that is what a stage does to a face, and no brightness curve of grey does the same.
    """
    skin = torch.tensor(SKIN_TONES, device=images.device)
    place = uniform(images, 0, len(skin) - 1.001)
    below, rest = place.long(), place.frac()[:, None]
    tone = skin[below] * (1 - rest) + skin[below + 1] * rest
    tone = (tone / tone.amax(1, keepdim=True))[:, :, None, None]
    # Shadows on skin are redder than its lights.
    colour = images.clamp_min(1e-4) ** (1 + 0.6 * (1 - tone)) * tone
    lamps = _lamp(images) + _lamp(images)
    luma = torch.tensor(LUMA, device=images.device)[None, :, None, None]
    return ((colour * lamps).clamp(0, 1) * luma).sum(1, keepdim=True)


def _lamp(images: Tensor) -> Tensor:
    """Return ``(B, 3, H, W)`` light of one colour each, falling off in one direction each."""
    count, (height, width) = len(images), images.shape[-2:]
    colour = torch.rand(count, 3, device=images.device) * 1.1 + 0.1
    angle = uniform(images, 0, 2 * math.pi)[:, None, None]
    x = torch.linspace(-1, 1, width, device=images.device)[None, None, :]
    y = torch.linspace(-1, 1, height, device=images.device)[None, :, None]
    slope = uniform(images, 0.0, 0.7)[:, None, None]
    fall = 1 + slope * (x * angle.cos() + y * angle.sin())
    return colour[:, :, None, None] * fall.clamp_min(0)[:, None]


def sharpen(images: Tensor) -> Tensor:
    """Strengthen fine detail by up to its own amount (unsharp mask)."""
    strength = uniform(images, 0.2, 1.0)[:, None, None, None]
    calm = functional.avg_pool2d(functional.pad(images, (1, 1, 1, 1), mode="replicate"), 3, 1)
    return (images + (images - calm) * strength).clamp(0, 1)


def relight(images: Tensor) -> Tensor:
    """Change gamma (towards dark), contrast and brightness, and light one side more."""
    height, width = images.shape[-2:]
    gamma = torch.exp(uniform(images, -0.4, 0.9))[:, None, None, None]
    contrast = uniform(images, 0.5, 1.4)[:, None, None, None]
    brightness = uniform(images, -0.15, 0.15)[:, None, None, None]
    angle = uniform(images, 0, 2 * math.pi)
    x = (
        torch.linspace(-1, 1, width, device=images.device)[None, None, :]
        * angle.cos()[:, None, None]
    )
    y = (
        torch.linspace(-1, 1, height, device=images.device)[None, :, None]
        * angle.sin()[:, None, None]
    )
    slope = uniform(images, 0.0, 0.6)[:, None, None, None]
    light = 1 + slope * (x + y)[:, None]
    changed = (images.clamp_min(1e-4) ** gamma * light - 0.5) * contrast + 0.5 + brightness
    return changed.clamp(0, 1)


def shrink(images: Tensor, smallest_side: int) -> Tensor:
    """Take the batch to one smaller random size and back, losing what a small face lacks."""
    side = images.shape[-1]
    small = int(
        torch.randint(min(smallest_side, side - 1), max(side * 3 // 4, smallest_side + 1), ())
    )
    reduced = functional.interpolate(images, size=(small, small), mode="area")
    return functional.interpolate(reduced, size=(side, side), mode="bilinear", align_corners=False)


def blur(images: Tensor) -> Tensor:
    """Blur the batch with one random Gaussian, wider in one direction like a moving face."""
    for dimension in (2, 3):
        sigma = 0.3 + 1.3 * float(torch.rand(()))
        offsets = torch.arange(-3, 4, dtype=images.dtype, device=images.device)
        kernel = torch.exp(-(offsets**2) / (2 * sigma**2))
        kernel /= kernel.sum()
        shape = [1, 1, 7, 1] if dimension == 2 else [1, 1, 1, 7]
        padding = (0, 0, 3, 3) if dimension == 2 else (3, 3, 0, 0)
        padded = functional.pad(images, padding, mode="replicate")
        images = functional.conv2d(padded, kernel.view(shape))
    return images


def add_noise(images: Tensor) -> Tensor:
    """Add Gaussian noise of up to 0.08 to each image."""
    strength = uniform(images, 0.01, 0.08)[:, None, None, None]
    return (images + torch.randn_like(images) * strength).clamp(0, 1)


def erase(images: Tensor) -> Tensor:
    """Cover one rectangle of each image with one grey value, like a microphone or a hand."""
    height, width = images.shape[-2:]
    box_height, box_width = uniform(images, 0.15, 0.5), uniform(images, 0.15, 0.5)
    top = uniform(images, 0, 1) * (1 - box_height)
    left = uniform(images, 0, 1) * (1 - box_width)
    y = ((torch.arange(height, device=images.device) + 0.5) / height)[None, :]
    x = ((torch.arange(width, device=images.device) + 0.5) / width)[None, :]
    in_rows = (y >= top[:, None]) & (y < (top + box_height)[:, None])
    in_columns = (x >= left[:, None]) & (x < (left + box_width)[:, None])
    covered = (in_rows[:, :, None] & in_columns[:, None, :])[:, None]
    return torch.where(covered, uniform(images, 0, 1)[:, None, None, None], images)


def uniform(images: Tensor, low: float, high: float) -> Tensor:
    """Draw one number for each image, where the images lie."""
    return low + (high - low) * torch.rand(len(images), device=images.device)


def on_share(images: Tensor, share: float, change: Callable[[Tensor], Tensor]) -> Tensor:
    """Apply a change to a random share of the batch."""
    chosen = (uniform(images, 0, 1) < share).nonzero().squeeze(1)
    if not len(chosen):
        return images
    return images.index_copy(0, chosen, change(images[chosen]))
