import pytest

from inference.portrait.subject import Box, FaceOfPicture, choose_subject

SIZE = (1000, 600)


def face(x: float, y: float, height: float, **known: object) -> FaceOfPicture:
    """A face by its middle and height."""
    width = 0.8 * height
    box: Box = (x - width / 2, y - height / 2, x + width / 2, y + height / 2)
    return FaceOfPicture(box, **known)  # type: ignore[arg-type]


SINGER, DANCER = face(500, 250, 120), face(700, 260, 100)
FAR, CORNER = face(450, 200, 30), face(960, 560, 75)


@pytest.mark.parametrize(
    ("faces", "subject"),
    [
        pytest.param([], [], id="no face means everybody"),
        pytest.param([SINGER], [0], id="one alone"),
        pytest.param([face(x, 250, 90) for x in (80, 300, 500, 920)], [0, 1, 2, 3], id="a line-up"),
        pytest.param([FAR, SINGER, DANCER], [1, 2], id="the audience far behind"),
        pytest.param([SINGER, CORNER], [0], id="somebody cut off in the corner"),
        pytest.param([SINGER, face(300, 250, 100, sharpness=0.0)], [0], id="somebody out of focus"),
        pytest.param(
            [SINGER, face(800, 300, 60, is_star=True)], [1], id="a named star behind a guard"
        ),
        pytest.param(
            [face(200, 250, 80, is_star=True), face(700, 250, 60, is_star=True), SINGER],
            [0, 1],
            id="both stars",
        ),
        pytest.param(
            [face(200, 250, 80, is_star=True), face(700, 250, 60, is_star=True, is_favourite=True)],
            [1],
            id="the favourite before other stars",
        ),
        pytest.param(
            [face(200, 250, 200, is_star=True), face(700, 250, 20, is_star=True)],
            [0],
            id="a star who only passes in the distance",
        ),
    ],
)
def test_the_picture_is_about_stars_or_about_who_stands_out(
    faces: list[FaceOfPicture], subject: list[int]
) -> None:
    assert choose_subject(faces, SIZE) == subject
