"""The course on paper: a PDF of each notebook and one of all, from the pages of the site."""
