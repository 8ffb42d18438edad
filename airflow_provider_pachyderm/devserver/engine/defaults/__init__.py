"""What pipelines are given that their specs leave open."""
