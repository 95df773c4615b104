//! Who sends a request and how, from the headers: spelt here as everywhere else, whichever way a client spells it.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State as Shared};
use axum::http::{HeaderMap, Response};
use axum::middleware::Next;
use axum::response::IntoResponse as _;
use dispatch_api::door::DoorRule;
use dispatch_api::header;
use dispatch_api::problem::Problem;
use dispatch_core::command::{Command, Envelope};
use dispatch_core::kernel::id::{ActorId, CommandId, SeatId};
use dispatch_core::kernel::kind::Channel;
use dispatch_core::kernel::time::Time;
use dispatch_core::register::Register;
use dispatch_core::register::speaker::{CONSOLE, SYSTEM, Speaker, spelt};
use uuid::Uuid;

use super::reply::Refused;
use crate::node::Node;

/// Longest actor or seat, bytes.
const NAME_BYTES_MAX: usize = 128;

/// By which way somebody may say that a request comes.
const CHANNELS: [(&str, Channel); 5] = [
    ("console", Channel::Console),
    ("command_line", Channel::CommandLine),
    ("api", Channel::Api),
    ("device", Channel::Device),
    ("voice", Channel::Voice),
];

/// Who sends a request and how, as its headers say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sender {
    /// Who acts, as it is spelt; `console` where nobody is named.
    pub actor: ActorId,
    /// The seat they act at; none for devices and programs.
    pub seat: Option<SeatId>,
    on_behalf_of: Option<ActorId>,
    channel: Channel,
}

impl Sender {
    /// Reads the headers; one that cannot be used is refused.
    pub fn of(headers: &HeaderMap, register: &Register) -> Result<Self, Refused> {
        let mut refused = None;
        let sender = Self::read(headers, register, |problem| {
            refused.get_or_insert(problem);
        });
        refused.map_or(Ok(sender), |problem| Err(problem.into()))
    }

    /// Reads the headers whatever they say: for alarms, which are never refused for their form. One that cannot be used is a
    /// flaw, and the others hold.
    pub fn lenient(headers: &HeaderMap, register: &Register, flaws: &mut Vec<String>) -> Self {
        Self::read(headers, register, |problem| flaws.push(format!("header: {}", problem.detail)))
    }

    fn read(headers: &HeaderMap, register: &Register, mut bad: impl FnMut(Problem)) -> Self {
        let mut named = |which| match name(headers, which) {
            Ok(text) => text,
            Err(rule) => {
                bad(Problem::header(which, &rule));
                None
            }
        };
        let seat: Option<SeatId> = named(header::SEAT).map(Into::into);
        let (channel, actor) = (named(header::CHANNEL), named(header::ACTOR));
        let on_behalf_of = named(header::ON_BEHALF_OF).map(Into::into);
        let unsaid = if seat.is_some() { Channel::Console } else { Channel::Api };
        let known = channel.map(|word| CHANNELS.iter().find(|(known, _)| *known == word));
        if known == Some(None) {
            bad(Problem::header(header::CHANNEL, &DoorRule::one_of(&CHANNELS.map(|(word, _)| word))));
        }
        let channel = known.flatten().map_or(unsaid, |(_, channel)| *channel);
        let actor = match (actor, &seat) {
            (Some(SYSTEM), _) => {
                bad(Problem::header(header::ACTOR, &DoorRule::NodesName));
                CONSOLE.into()
            }
            (None, _) => CONSOLE.into(),
            (Some(actor), Some(_)) => actor.into(),
            (Some(actor), None) => spelt(register, actor),
        };
        Self { actor, seat, on_behalf_of, channel }
    }

    /// Who that is; refused where there is no such seat, unit or point.
    pub fn speaker<'r>(&self, register: &'r Register) -> Result<Speaker<'r>, Refused> {
        let speaker = Speaker::of(register, &self.actor, self.seat.as_ref(), self.channel);
        speaker.map_err(|refusal| Problem::refusal(&refusal, None).into())
    }

    /// A command of this sender.
    pub fn envelope(self, id: CommandId, occurred_at: Option<Time>, command: Command) -> Envelope {
        let Self { actor, seat, on_behalf_of, channel } = self;
        Envelope { id, actor, on_behalf_of, seat, channel, occurred_at, command }
    }
}

/// Passes on the questions of everybody but those who do not exist.
pub async fn asked(Shared(node): Shared<Arc<Node>>, request: Request, next: Next) -> Response<Body> {
    let known = {
        let state = node.state();
        let sender = Sender::of(request.headers(), state.register());
        sender.and_then(|sender| sender.speaker(state.register()).map(drop))
    };
    match known {
        Ok(()) => next.run(request).await,
        Err(refused) => refused.into_response(),
    }
}

/// The command id (D6).
pub fn key(headers: &HeaderMap) -> Result<CommandId, Refused> {
    let text = headers.get(header::KEY).and_then(|text| text.to_str().ok());
    let id: Option<Uuid> = text.and_then(|text| text.trim().parse().ok());
    match id {
        Some(id) if id.get_version_num() == 7 => Ok(CommandId(id)),
        // Devices without a UUIDv7 derive a v5 from protocol, device, serial and device time (D6).
        Some(id) if id.get_version_num() == 5 => Ok(CommandId(id)),
        _ => Err(Problem::key().into()),
    }
}

fn name<'a>(headers: &'a HeaderMap, which: &'static str) -> Result<Option<&'a str>, DoorRule> {
    let Some(value) = headers.get(which) else { return Ok(None) };
    let text = std::str::from_utf8(value.as_bytes()).map_err(|_| DoorRule::Utf8)?.trim();
    if text.len() > NAME_BYTES_MAX {
        return Err(DoorRule::BytesAtMost { bytes: NAME_BYTES_MAX });
    }
    match DoorRule::broken_by(text) {
        Some(rule) => Err(rule),
        None => Ok(Some(text).filter(|text| !text.is_empty())),
    }
}
