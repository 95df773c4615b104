//! Schemas of commands and event payloads, from which the documents for other systems are made.

use utoipa::ToSchema;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;

/// Schemas by name and version, and of every type they refer to.
#[derive(Default)]
pub struct Schemas {
    /// Name on the wire, version, schema.
    pub named: Vec<(&'static str, u16, RefOr<Schema>)>,
    /// The same schemas by the names of their types.
    pub types: Vec<(String, RefOr<Schema>)>,
    /// Types these refer to, by the name they are referred to.
    pub referred: Vec<(String, RefOr<Schema>)>,
}

impl Schemas {
    /// Adds a type and all it refers to.
    pub fn add<T: ToSchema>(&mut self, name: &'static str, v: u16) {
        self.named.push((name, v, T::schema()));
        self.types.push((T::name().into(), T::schema()));
        T::schemas(&mut self.referred);
    }
}
