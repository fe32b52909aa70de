"""How apps above take part in core, without core knowing them: signals, duties, boxes, stages."""
