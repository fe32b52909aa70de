"""What encore-resnet learns from its teacher: faces, views of them, and the teacher itself."""
