//! Area paths as packages and clients write them.

use dispatch_core::kernel::place::AreaPath;

/// Codes from the league down, parted by `/`; what is empty counts for nothing, and an empty text is everywhere.
pub fn area_path(text: &str) -> AreaPath {
    AreaPath(text.split('/').filter(|code| !code.is_empty()).map(Into::into).collect())
}
