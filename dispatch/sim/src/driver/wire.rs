//! The world's messages as the API writes them. An intent is a command of the core; the table of operations says where
//! it is posted and which field is in the path.

use dispatch_api::operation::operations;
use dispatch_api::position::Position;
use serde_json::{Map, Value};

use crate::message::{Fix, Intent};

/// Where a command is posted and with what.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Post {
    /// `POST /alarms`.
    Alarm(Value),
    /// An operation of the table.
    Act {
        /// Collection.
        collection: &'static str,
        /// Id in the path, empty where there is none.
        id: String,
        /// Act.
        act: &'static str,
        /// Body.
        body: Value,
    },
}

/// One line of a positions body.
pub(crate) fn position(fix: &Fix) -> Position {
    Position {
        unit: fix.unit.as_str().to_owned(),
        lon: fix.at.lon_deg(),
        lat: fix.at.lat_deg(),
        fix_time: fix.fix_time,
        speed_m_s: Some(f64::from(fix.speed_cm_s) / 100.0),
        heading_deg: Some(f64::from(fix.heading_deg)),
        accuracy_m: Some(8.0),
        device_time: None,
    }
}

/// An intent as it is posted; `None` for a command that the table does not have.
pub(crate) fn post(intent: &Intent) -> Option<Post> {
    let Ok(Value::Object(mut fields)) = serde_json::to_value(&intent.command) else {
        return None;
    };
    let name = fields.remove("name")?;
    fields.retain(|_, value| !is_absent(value));
    add(&mut fields, "text", intent.text.as_deref());
    add(&mut fields, "caller", intent.caller.as_deref());
    fields.insert("occurred_at".to_owned(), intent.occurred_at.0.into());
    if intent.command.row().help {
        return Some(Post::Alarm(Value::Object(fields)));
    }
    let operation = operations().find(|operation| name == operation.row.name)?;
    let id = match operation.route.id.and_then(|field| fields.remove(field)) {
        Some(Value::String(id)) => id,
        _ => String::new(),
    };
    Some(Post::Act {
        collection: operation.route.collection,
        id,
        act: operation.route.act,
        body: Value::Object(fields),
    })
}

fn add(fields: &mut Map<String, Value>, name: &str, text: Option<&str>) {
    if let Some(text) = text {
        fields.insert(name.to_owned(), text.into());
    }
}

/// An optional field that says nothing is left out. (A flag stays: some are required.)
fn is_absent(value: &Value) -> bool {
    value.is_null() || value.as_array().is_some_and(Vec::is_empty)
}

#[cfg(test)]
mod tests {
    use super::*;
    use dispatch_api::operation::Operation;
    use dispatch_core::command::{AdvanceOrder, Command, ReviewFeedback};
    use dispatch_core::kernel::id::{FeedbackId, IncidentId, OrderId, WordsId};
    use dispatch_core::kernel::kind::OrderState;
    use dispatch_core::kernel::time::Time;
    use dispatch_core::response::feedback::ReturnReason;
    use dispatch_core::response::order::StampSource;
    use uuid::Uuid;

    /// What the server would read of what is posted.
    fn read(intent: &Intent) -> Command {
        let Some(Post::Act { collection, id, act, body }) = post(intent) else { panic!("not an act") };
        let row = Operation::find(collection, act).unwrap();
        row.read((!id.is_empty()).then_some(id.as_str()), body, || WordsId(Uuid::nil())).unwrap().command
    }

    #[test]
    fn what_is_posted_is_read_as_the_command_that_was_meant() {
        let advance = AdvanceOrder {
            order: OrderId(Uuid::from_u128(7)),
            state: OrderState::Delivered,
            at: Some(Time(5)),
            source: StampSource::Device,
            voice: None,
            reason: None,
            words: None,
        };
        let intent = Intent::of_device("u1", Time(6), advance.clone());
        assert_eq!(read(&intent), Command::from(advance));
    }

    #[test]
    fn a_required_flag_is_not_left_out_when_it_says_no() {
        let review = ReviewFeedback {
            expected_version: Some(3),
            incident: IncidentId(Uuid::from_u128(1)),
            feedback: FeedbackId(Uuid::from_u128(2)),
            accept: false,
            reason: Some(ReturnReason::Incomplete),
            words: None,
        };
        assert_eq!(read(&Intent::of_device("u1", Time(6), review.clone())), Command::from(review));
    }
}
