//! Rules that a field of a command can break, as codes with typed parameters (D17). The English is for logs; screens
//! translate by code, and a test holds both of their catalogues against [`Rule::CODES`].

use serde::{Deserialize, Serialize};

macro_rules! rules {
    ($( $name:ident $code:literal $( { $( $(#[$pdoc:meta])* $param:ident : $type:ty ),* } )? $english:literal; )*) => {
        /// A rule.
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
        #[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
        #[serde(tag = "rule", rename_all = "snake_case")]
        pub enum Rule {
            $(
                #[doc = $english]
                #[error($english)]
                $name $( { $( $(#[$pdoc])* $param: $type ),* } )?,
            )*
        }

        impl Rule {
            /// Every code, in the order of the vocabulary.
            pub const CODES: &'static [&'static str] = &[$( $code, )*];
        }
    };
}

rules! {
    // Forms.
    Missing "missing" "must be there";
    SayWhy "say_why" "say why";
    SayHow "say_how" "say by what way it was heard";
    ExplainReason "explain_reason" "words explain a reason: name it";
    VersionMissing "version_missing" "name the version you see";
    AtMost "at_most" {
        /// The largest count or value allowed.
        max: u32
    } "at most {max}";
    CodeOfBytes "code_of_bytes" {
        /// The most bytes.
        max: u32
    } "a code of 1 to {max} bytes";
    MoreThanNothing "more_than_nothing" "more than nothing";
    EachOnce "each_once" "name each once";
    Unusable "unusable" {
        /// What is wrong, in English.
        detail: String
    } "cannot be used: {detail}";
    // Times.
    LiesAhead "lies_ahead" "a time that has come";
    LiesBehind "lies_behind" "a time to come";
    Timer "timer" "a timer of 1 s to a day";
    ArrivalShare "arrival_share" "1,000 to 10,000 per mille of the estimate";
    BeforeTheOrder "before_the_order" "not before the order was made";
    WithinADay "within_a_day" "a day ahead at most";
    ClockInDoubt "clock_in_doubt" "nothing is old while the machine's clock is in doubt";
    ClockElsewhere "clock_elsewhere" {
        /// How far ahead it is now, milliseconds; negative where it is behind.
        ahead_ms: i64
    } "the machine's clock is elsewhere by now";
    // Who speaks.
    OwnUnit "own_unit" "a unit or an alarm point speaks for itself and for no other, and at no seat";
    NodeOnly "node_only" "only the centre itself says so";
    // Alarms.
    MadeBySaving "made_by_saving" "an incident is made by saving a type or a place";
    NoCallBackOwed "no_call_back_owed" "no call-back is owed on this alarm";
    // Incidents.
    NotItself "not_itself" "name another";
    OneMode "one_mode" "both must be of one mode: a test never joins what is actual";
    OneMustStay "one_must_stay" "one alarm at least must stay";
    LinkRelatedOnly "link_related_only" "the other kinds come of merging and splitting";
    NeedsCoordinate "needs_coordinate" "a point needs a coordinate that can be";
    // Dispatch and orders.
    SeatOverIncident "seat_over_incident" "a seat whose desk may act on this incident";
    OtherIncident "other_incident" "it belongs to another incident";
    ParentOfYours "parent_of_yours" "name an open order of this incident given to your desk";
    StackOrDivert "stack_or_divert" "an order is stacked or diverts, not both";
    OwnDesk "own_desk" "a desk gives no order to itself";
    OrderedAlready "ordered_already" "it has an open order of this incident already";
    NotAReport "not_a_report" "this state comes of dispatching, recalling or waiting, not of a report";
    SignedUnitOnly "signed_unit_only" "only a unit that has signed and is not done gives signs of life";
    OpenOrderToUnit "open_order_to_unit" "only for an open order to a unit";
    SilentCaller "silent_caller" "a silent caller is never called back";
    CallerUnknown "caller_unknown" "nobody left a number or a name";
    // Automatic orders and run cards.
    NeverAutomatic "never_automatic" "never for a type of weapons or a sensitive one";
    Countdown "countdown" "a countdown of 5 s to 10 min";
    MinutesOfDay "minutes_of_day" "two different minutes of a day, 0 to 1439";
    // Feedback.
    DispositionOfResult "disposition_of_result" "a result has one, other feedback has none";
    ReturnedOnly "returned_only" "what is returned has a reason, what is accepted has none";
    ResultOnly "result_only" "only a result is reviewed";
    // Units, seats and the register.
    CommandedAlready "commanded_already" "your desk commands it already: order it";
    SosOpen "sos_open" "its SOS is open: end that incident first";
    LentOut "lent_out" "it is lent to another desk: end the support first";
    PointOrUnit "point_or_unit" "name a point or a unit, one of them";
    SameDesk "same_desk" "a shift is handed over at one desk; an incident goes by hand-over";
    OfferedToAnother "offered_to_another" "it is offered to another seat";
    NameTaken "name_taken" "a code that is no other unit's or alarm point's and none of the centre's own names";
    OwnCode "own_code" "each desk its own: numbers begin with it";
    NumberTaken "number_taken" "another point rings with this number: retire that one first";
    ComesWithAdoption "comes_with_adoption" "the package itself comes with its adoption";
}
