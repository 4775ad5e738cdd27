"""The course as pages that any static host can serve: labs move there without a kernel."""
