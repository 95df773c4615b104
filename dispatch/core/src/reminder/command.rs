//! Commands on reminders 提醒.

use crate::contexts::commands;
use crate::kernel::id::{IncidentId, ReminderId, SeatId, WordsId};
use crate::kernel::time::Time;

commands! {
    ($) reminder_commands

    /// Has something about the incident come up again at a time.
    ///
    /// 提醒: at the seat that sets it, or at another.
    SetReminder set_reminder (post "incidents" {incident} "remind" on incident; text May; by CallTaker over Incident(incident)) {
        /// The incident it is about.
        incident: IncidentId,
        /// When it comes up, microseconds UTC: within a day.
        due: Time,
        /// The seat that is reminded; the one that sets it when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")] to: Option<SeatId>,
        /// What is to be done, as a words record.
        #[serde(default, skip_serializing_if = "Option::is_none")] words: Option<WordsId>,
    }
    /// Puts it off: it comes up at another time.
    PostponeReminder postpone_reminder (post "reminders" {reminder} "postpone" on reminder; text No; by CallTaker over Reminder(reminder)) {
        /// The reminder that is put off.
        reminder: ReminderId,
        /// When it comes up instead, microseconds UTC: within a day.
        due: Time,
    }
    /// Says that what it reminds of was done.
    FinishReminder finish_reminder (post "reminders" {reminder} "done" on reminder; text No; by CallTaker over Reminder(reminder)) {
        /// The reminder that is done with.
        reminder: ReminderId,
    }
    /// Takes it back: nothing has to be done any more.
    ClearReminder clear_reminder (post "reminders" {reminder} "clear" on reminder; text No; by CallTaker over Reminder(reminder)) {
        /// The reminder that is taken back.
        reminder: ReminderId,
    }
}
