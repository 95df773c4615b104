//! The loader: files in, package or faults out.
use crate::{fault::Fault, package::{Files, Package}};
/// Largest file of a package, in bytes.
pub(crate) const FILE_BYTES_MAX: usize = 16 << 20;
pub(crate) fn read(_files: &Files) -> Result<Package, Vec<Fault>> { Err(Vec::new()) }
