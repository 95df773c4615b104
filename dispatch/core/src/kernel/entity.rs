//! The kinds of entity and their ids: what an event can be about, what a view shows, what the read model keeps.

use super::id::{
    AlarmId, HandoverId, IncidentId, OrderId, PointId, RecommendationId, SupportId, SuppressionId,
    TechnicalId, UnitId,
};

macro_rules! kinds {
    ($( $(#[$doc:meta])* $name:ident($id:ty) $wire:literal $as:ident )*) => {
        /// An entity by kind and id; ordered by kind, then by id.
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum EntityId {
            $( $(#[$doc])* $name($id), )*
        }

        impl EntityId {
            /// The names of all kinds, as on the wire.
            pub const KINDS: &'static [&'static str] = &[$( $wire, )*];

            /// The name of its kind, as on the wire.
            pub fn kind(&self) -> &'static str {
                match self { $( Self::$name(_) => $wire, )* }
            }

            /// The id alone, as text: with the kind it is the key of the read model.
            pub fn id(&self) -> String {
                match self { $( Self::$name(id) => id.to_string(), )* }
            }

            $(
                /// Its id, where it is of this kind.
                pub fn $as(&self) -> Option<$id> {
                    if let Self::$name(id) = self { Some(id.clone()) } else { None }
                }
            )*
        }

        $( impl From<$id> for EntityId {
            fn from(id: $id) -> Self {
                Self::$name(id)
            }
        } )*
    };
}

kinds! {
    /// An alarm 报警.
    Alarm(AlarmId) "alarm" as_alarm
    /// An incident 警情.
    Incident(IncidentId) "incident" as_incident
    /// An order 处警指令.
    Order(OrderId) "order" as_order
    /// A unit 处警力量.
    Unit(UnitId) "unit" as_unit
    /// A technical alarm 告警.
    Technical(TechnicalId) "technical" as_technical
    /// A suppressed source of technical alarms 抑制.
    Suppression(SuppressionId) "suppression" as_suppression
    /// A shift offered to another seat 交接班.
    Handover(HandoverId) "handover" as_handover
    /// A recommendation 推荐力量.
    Recommendation(RecommendationId) "recommendation" as_recommendation
    /// A support request 支援.
    Support(SupportId) "support" as_support
    /// A fixed alarm point 报警点.
    Point(PointId) "point" as_point
}
