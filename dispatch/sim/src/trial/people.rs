//! Clients at work: each wants something, sends it, waits, gives up waiting, sends it again, and hears at last.

use dispatch_core::command::{Command, Envelope, ReopenIncident};
use dispatch_core::kernel::id::{ActorId, WordsId};
use dispatch_core::kernel::kind::Channel;
use dispatch_core::kernel::time::Time;
use dispatch_core::register::speaker::of_unit;
use dispatch_core::screen::on_screen;
use dispatch_core::view::IncidentView;
use dispatch_store::{Words, WordsClass};
use dispatch_writer::{Input, Reply, Request};
use futures_util::FutureExt as _;

use super::agenda::What;
use super::hand::Letter;
use super::mind::{EVERYBODY, Sight, Who, caller, said, want};
use super::strikes::{Point, Strike};
use super::world::World;

/// What everybody says, each with a number of their own.
pub const SAID: &str = "着火了";
/// Longer than ids are kept, microseconds.
const LONG_AGO_US: i64 = 8 * 24 * 3_600 * 1_000_000;
/// A request that is not answered within this time is sent again.
const PATIENCE_MS: u32 = 4_000;

impl World {
    /// A client thinks, and sends what it wants.
    pub(super) fn think(&mut self, client: usize) {
        let next = self.soon(match EVERYBODY[client] {
            Who::Source | Who::Gear => 30_000,
            Who::Operator(_) | Who::Lead(_) => 9_000,
            Who::Crew(_) => 4_000,
        });
        if self.strikes.healed {
            // What was begun is finished; nothing new begins.
            return;
        }
        self.agenda.at(next, 0, What::Think(client));
        if self.hands[client].sending().is_some() {
            return;
        }
        let Some(process) = &self.process else { return };
        let now = self.node_time(process);
        let sight = Sight {
            seen: &process.truth,
            now,
            fresh: self.minted,
            clock_ahead_ms: process.writer.doubt().map(|doubt| doubt.shows.apart(now) / 1_000),
            gone: &self.gone,
        };
        let Some(command) = want(EVERYBODY[client], sight, &mut self.chance) else { return };
        // Now and then somebody looks at what was, and not at what is.
        let command = if self.chance.happens(0.95) { on_screen(&process.truth, command) } else { command };
        let letter = self.letter(client, command);
        if letter.envelope.command.name() == "raise_alarm" && self.chance.happens(0.15) {
            // A device without a clock: an earlier press of its under the same id is still on its way.
            self.post(client, &forged(&letter));
        }
        self.hands[client].take(letter);
        self.auditor.begun();
        self.send(client);
        if self.chance.happens(0.08) {
            // A client that is not sure whether it went out.
            self.send(client);
        }
    }

    fn letter(&mut self, client: usize, command: Command) -> Letter {
        let (actor, mut seat, channel) = match EVERYBODY[client] {
            Who::Source => (ActorId::from(format!("source-{client}").as_str()), None, Channel::Device),
            Who::Operator(seat) | Who::Lead(seat) => {
                (ActorId::from(format!("at-{seat}").as_str()), Some(seat.into()), Channel::Console)
            }
            Who::Crew(unit) => (of_unit(&unit.into()), None, Channel::Device),
            Who::Gear => (ActorId::from("gear"), None, Channel::Device),
        };
        // Somebody names no seat, or one that nobody knows.
        match self.chance.below(100) {
            0 if seat.is_some() => seat = None,
            1 if seat.is_some() => seat = Some("nowhere".into()),
            _ => {}
        }
        let fresh = [(said(self.minted), WordsClass::Note), (caller(self.minted), WordsClass::Caller)];
        let text = serde_json::to_string(&command).unwrap_or_default();
        let named = fresh.into_iter().filter(|(id, _)| text.contains(&id.to_string()));
        let words = named.map(|(id, class)| self.spoken(id, class)).collect();
        let mut fingerprint = [0; 32];
        fingerprint[..8].copy_from_slice(&self.minted.to_be_bytes());
        let occurred_at = self.claimed(&command);
        // An id from a week ago, of somebody who has been away.
        let old = self.chance.happens(0.01);
        let id = if old { self.id_of(Time(self.now.0 - LONG_AGO_US)) } else { self.command_id() };
        let on_behalf_of = self.chance.happens(0.02).then(|| "somebody".into());
        let envelope = Envelope { id, actor, on_behalf_of, seat, channel, occurred_at, command };
        Letter { envelope, fingerprint, words }
    }

    /// When a source says that it happened: some are late, some have no idea what time it is.
    fn claimed(&mut self, command: &Command) -> Option<Time> {
        if !matches!(command, Command::RaiseAlarm(_)) {
            return None;
        }
        match self.chance.below(20) {
            0..3 => Some(Time(self.now.0 - 12 * 60_000_000)),
            3 => Some(Time(0)),
            4 => Some(self.now.plus_ms(600_000)),
            5..8 => Some(Time(self.now.0 - 2_000_000)),
            _ => None,
        }
    }

    fn spoken(&self, id: WordsId, class: WordsClass) -> Words {
        Words {
            id,
            incident: None,
            alarm: None,
            class,
            retention_days: 30,
            salt: [3; 16],
            text: format!("{SAID}{}", self.minted),
            lang: None,
            translation: None,
            at: self.now,
        }
    }

    /// Sends what the client is at, once more or for the first time.
    fn send(&mut self, client: usize) {
        let Some(letter) = self.hands[client].sending().cloned() else { return };
        let give_up = self.now.plus_ms(PATIENCE_MS);
        let token = self.post(client, &letter);
        self.hands[client].sent(token);
        self.agenda.at(give_up, 0, What::GiveUp { client, token });
    }

    /// A request on its way through the door.
    fn post(&mut self, client: usize, letter: &Letter) -> u64 {
        let token = self.token();
        let request = letter.request(token);
        self.auditor.sent(&request, Some(client));
        let mut when = self.soon(20);
        match self.strikes.at(Point::Decide) {
            // A full lane at the door.
            Some(Strike::Error) => {
                let reply = Reply::Busy { retry_after_s: 1 };
                self.agenda.at(when, 0, What::Hear { token, reply });
                return token;
            }
            Some(Strike::Stall) => when = self.soon(6_000),
            Some(Strike::Crash) => self.agenda.at(when, self.life, What::Die),
            None => {}
        }
        if let Some(kept) = &mut self.kept {
            kept.push(request.envelope.command.clone());
        }
        // A process that has died meanwhile does not get it; another that lives then does.
        self.agenda.at(when, 0, What::Arrive(Box::new(request)));
        token
    }

    /// A request reaches the door of the process that lives.
    pub(super) fn arrive(&mut self, mut request: Box<Request>) {
        request.archived = self.archived(&request.envelope.command);
        self.hand_in(Input::Command(request));
    }

    /// The incident to be taken up again, as the read model keeps it: the door looks it up.
    fn archived(&self, command: &Command) -> Option<Box<IncidentView>> {
        let reopen = command.get::<ReopenIncident>()?;
        // The store of a trial answers at once.
        let found = dispatch_store::archive::incident(&self.store, reopen.incident).now_or_never()?;
        found.ok()?.map(Box::new)
    }

    pub(super) fn give_up(&mut self, client: usize, token: u64) {
        if self.hands[client].waits_for(token) {
            self.send(client);
        }
    }

    /// An answer reaches the client that sent the request.
    pub(super) fn hear(&mut self, token: u64, reply: &Reply) {
        self.auditor.heard(reply);
        let Some((client, key, fingerprint)) = self.auditor.request(token) else { return };
        let Some(letter) = self.hands[client].sending().cloned() else { return };
        if (letter.key(), letter.fingerprint) != (key, fingerprint) {
            return;
        }
        match reply {
            Reply::Answer(_) | Reply::Repeated(_) => {
                self.hands[client].done();
                self.afterwards(client, &letter);
            }
            Reply::Conflict | Reply::Expired => self.hands[client].done(),
            Reply::NotRecorded | Reply::Halted | Reply::Busy { .. } => {
                let again = self.soon(2_000);
                self.agenda.at(again, 0, What::GiveUp { client, token });
            }
        }
    }

    /// What was answered is sent again now and then, or its id under another body.
    fn afterwards(&mut self, client: usize, letter: &Letter) {
        if self.chance.happens(0.06) {
            self.post(client, letter);
        } else if self.chance.happens(0.04) {
            self.post(client, &forged(letter));
        }
    }
}

/// The same id with another body, which says other things.
fn forged(letter: &Letter) -> Letter {
    let mut forged = letter.clone();
    forged.fingerprint[31] = 0xff;
    forged.words.clear();
    forged
}
