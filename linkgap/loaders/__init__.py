"""Read files, frames and web graphs into links and receipts; with a module for each exporter."""
