"""What the evaluation of emotions is made of: measures, charts, turned and covered faces."""
