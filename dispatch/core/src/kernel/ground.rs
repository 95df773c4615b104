//! Over what the sender of a command needs authority (D2). A command's row names its grounds; they are looked at in one
//! place before any command is decided (`permission.rs`), and each is explained here as documents show it.

use super::id::{
    AlarmId, DeskId, IncidentId, OrderId, PointId, ReminderId, SeatId, SupportId, SuppressionId, TechnicalId,
    UnitId,
};
use super::place::AreaPath;

/// What a field of a command names.
#[derive(Debug, PartialEq, Eq)]
pub struct Of<'c, T> {
    /// The field, as a refusal names it.
    pub field: &'static str,
    /// What stands there.
    pub is: &'c T,
}

impl<T> Clone for Of<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Of<'_, T> {}

macro_rules! grounds {
    ($( $(#[$doc:meta])* $name:ident $(( $($of:ty),+ ))? $said:literal; )*) => {
        /// What authority is needed over, with what the command's fields name.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Ground<'c> {
            $( $(#[$doc])* $name $(( $(Of<'c, $of>),+ ))?, )*
        }

        /// The same without the fields, as it stands in a row.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Over {
            $( $(#[$doc])* $name, )*
        }

        impl Over {
            /// Who may, in words.
            pub fn said(self) -> &'static str {
                match self { $( Self::$name => $said, )* }
            }
        }
    };
}

grounds! {
    /// Nothing: a call for help is anybody's.
    Anybody "anybody";
    /// Nothing that a seat has: the node does it itself.
    Node "the node itself";
    /// The own seat, whatever its desk is.
    OwnSeat "the seat itself";
    /// Everything the journal holds.
    Region "a topmost desk";
    /// An area: a desk around it, or above the one where its alarms land.
    Area(AreaPath) "the desk of the area it comes to";
    /// A desk, or one above.
    Desk(DeskId) "the desk it comes to";
    /// A seat: its desk, or one around or above.
    Shift(SeatId) "the desk of the seat";
    /// What a source says of itself; a seat says it for what lies in its area.
    Source(Option<PointId>, Option<UnitId>) "a source of itself, or the desk of its area";
    /// A point or a unit whose technical alarms are kept off.
    Muted(Option<PointId>, Option<UnitId>) "the desk of its area";
    /// A technical alarm: where its source is; one of the node's own is any seat's.
    Technical(TechnicalId) "the desk of its area";
    /// A technical alarm that its source may take back.
    Mended(TechnicalId) "its source, the device that raised it, or the desk of its area";
    /// A suppression: where its source is.
    Suppression(SuppressionId) "the desk of its area";
    /// An alarm: the desk at which it rings.
    Alarm(AlarmId) "the desk where it rings";
    /// An incident: the desk that answers for it.
    Incident(IncidentId) "the desk of the incident";
    /// Another incident that it changes too.
    Other(IncidentId) "the desk of the other incident";
    /// An incident that it changes if it names one.
    Joined(Option<IncidentId>) "the desk of the incident it joins";
    /// An incident that may have left live state.
    Ended(IncidentId) "the desk of the incident";
    /// An incident, or an order given to the own desk by which it carries the incident on.
    Carried(IncidentId) "the desk of the incident, or one that was given it";
    /// An incident that the desk itself answers for; not one above.
    Responsible(IncidentId) "the responsible desk alone";
    /// An incident that is told of: as for one carried on, and a unit that has an order of it.
    Told(IncidentId) "the desk of the incident, one that was given it, or a unit on it";
    /// An order of it that is reported on, or else the incident that is told of.
    Reported(IncidentId, Option<OrderId>) "the unit of the order, a desk it concerns, or whoever may tell of the incident";
    /// An order: its unit itself, the desks of its incident, that gave it, that it was given to, that command its unit.
    Order(OrderId) "its unit, or a desk it concerns";
    /// The incident of an order.
    IncidentOf(OrderId) "the desk of its incident";
    /// A unit: itself, or the desk that commands it or is around its home.
    Unit(UnitId) "the unit itself, or the desk that commands it";
    /// A unit's entry as it is, if there is one.
    UnitEntry(UnitId) "the desk of the unit";
    /// A point's entry as it is, if there is one.
    PointEntry(PointId) "the desk of the point's area";
    /// A request for support: the desk that is asked, or one above.
    Lender(SupportId) "the desk that is asked, or one above";
    /// A request for support: the desk that asks or is asked, or one above.
    Lent(SupportId) "the desk that asks or is asked, or one above";
    /// A reminder: the desk of its seat, or of its incident.
    Reminder(ReminderId) "the desk of its seat or of its incident";
}
