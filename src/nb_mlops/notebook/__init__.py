"""Face 1: magics, HTML views, figures, input widgets."""
