"""Reports that are opened with a double click: data in, one HTML file out."""
