"""What every activity uses: forms, plots, mathematics, icons, colours, numbers, texts."""
