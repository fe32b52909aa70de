"""The door between the web and inference: the only package that imports ``inference``.

Nothing heavy loads when this is imported; each function imports what it needs at its first call.
"""

from webapp.vision.boxes import box_iou, pair_boxes
from webapp.vision.crops import crop_jpeg
from webapp.vision.gallery.grouping import LooseFace, group_loose_faces, space_digest
from webapp.vision.gallery.matching import (
    LibraryGallery,
    Nearness,
    name_faces,
    suggestions,
)
from webapp.vision.gallery.references import unlike_others
from webapp.vision.gallery.second_opinions import ConfirmedFace, Lesson, teach_opinion
from webapp.vision.gallery.spaces import (
    Space,
    dimensions_of,
    learn_space,
    learning_basis,
    similarities,
    space_of,
    spaces_with,
    usual_threshold,
)
from webapp.vision.keepsakes import CardText, cut_out, photocard
from webapp.vision.models.adapter import (
    choose_subject,
    classify_emotions,
    find_faces,
    make_portrait,
    person_masks,
    render_portrait,
)
from webapp.vision.models.bystanders import hide_bystanders
from webapp.vision.models.enrolment import read_reference
from webapp.vision.models.loading import (
    ModelTags,
    emotion_labels,
    emotion_words,
    model_tags,
    unload,
    usual_weights,
)
from webapp.vision.models.pictures import decoded
from webapp.vision.models.reading import PictureWish, ReadPicture, read_picture
from webapp.vision.models.resting import give_back_memory
from webapp.vision.models.status import (
    has_embedder,
    has_files_of,
    models_status,
    present_embedder,
    present_model,
)
from webapp.vision.values import (
    Box,
    Candidate,
    Enrolled,
    FaceEmotion,
    FaceInPhoto,
    FaceShape,
    Landmarks,
    LearntSpace,
    ModelStatus,
    Naming,
    PortraitFiles,
    Probe,
    ReferencePicture,
    RefusedReferenceError,
    SeenFace,
    SeenPhoto,
    TaughtOpinion,
    UnavailableError,
    UnreadablePhotoError,
    VisionError,
)

__all__ = [
    "Box",
    "Candidate",
    "CardText",
    "ConfirmedFace",
    "Enrolled",
    "FaceEmotion",
    "FaceInPhoto",
    "FaceShape",
    "Landmarks",
    "LearntSpace",
    "Lesson",
    "LibraryGallery",
    "LooseFace",
    "ModelStatus",
    "ModelTags",
    "Naming",
    "Nearness",
    "PictureWish",
    "PortraitFiles",
    "Probe",
    "ReadPicture",
    "ReferencePicture",
    "RefusedReferenceError",
    "SeenFace",
    "SeenPhoto",
    "Space",
    "TaughtOpinion",
    "UnavailableError",
    "UnreadablePhotoError",
    "VisionError",
    "box_iou",
    "choose_subject",
    "classify_emotions",
    "crop_jpeg",
    "cut_out",
    "decoded",
    "dimensions_of",
    "emotion_labels",
    "emotion_words",
    "find_faces",
    "give_back_memory",
    "group_loose_faces",
    "has_embedder",
    "has_files_of",
    "hide_bystanders",
    "learn_space",
    "learning_basis",
    "make_portrait",
    "model_tags",
    "models_status",
    "name_faces",
    "pair_boxes",
    "person_masks",
    "photocard",
    "present_embedder",
    "present_model",
    "read_picture",
    "read_reference",
    "render_portrait",
    "similarities",
    "space_digest",
    "space_of",
    "spaces_with",
    "suggestions",
    "teach_opinion",
    "unlike_others",
    "unload",
    "usual_threshold",
    "usual_weights",
]
