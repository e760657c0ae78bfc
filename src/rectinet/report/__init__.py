"""Tables, figures and one self-contained page, drawn from a study folder."""
