"""Where things are kept: the catalog of histories, and blobs named by their sha256."""
