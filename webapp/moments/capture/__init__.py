"""How moments come in: asked of a camera, arriving as pictures, or found in bursts."""
