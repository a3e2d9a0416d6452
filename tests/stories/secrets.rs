//! No secret leaves, and foreign text steers nothing.
