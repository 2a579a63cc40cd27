"""What people look at: templates, figures, style sheets, fonts, and rich text with mathematics."""
