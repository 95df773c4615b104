//! An archived incident as the read model keeps it, with what its timeline says of it since (D11).

use dispatch_core::event::IncidentReplaced;
use dispatch_core::kernel::id::IncidentId;
use dispatch_core::view::{IncidentView, View};

use crate::store::{Store, StoreError};

/// The incident with this id as the read model keeps it, alive or archived. One that was archived and taken up again
/// says what goes on from it.
pub async fn incident<S: Store>(store: &S, id: IncidentId) -> Result<Option<IncidentView>, StoreError> {
    let Some(row) = store.entity("incident", &id.to_string()).await? else { return Ok(None) };
    let view: View = serde_json::from_str(&row.doc)
        .map_err(|error| StoreError::corrupt("a view cannot be read", format!("incident {id}: {error}")))?;
    let Some(view) = view.as_incident().cloned() else { return Ok(None) };
    if row.alive {
        return Ok(Some(view));
    }
    let records = store.timeline(id).await?;
    let replaced = records.iter().filter_map(|record| record.event.get::<IncidentReplaced>());
    let by = replaced.filter(|replaced| replaced.incident == id).map(|replaced| replaced.by).next_back();
    Ok(Some(match by {
        Some(by) => view.replaced_by(by),
        None => view,
    }))
}
