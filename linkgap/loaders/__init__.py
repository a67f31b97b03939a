"""From files, frames and web graphs to links and receipts; a module for each exporter."""
