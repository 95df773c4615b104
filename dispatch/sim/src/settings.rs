//! How busy and how faulty the day is. Everything about the world that may be chosen, with the defaults of the demo.

use crate::crew::Habits;
use crate::signal::Coverage;

/// What kind of day it is.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Alarms a minute, mean over the whole day.
    pub alarms_per_minute: f64,
    /// Share of calls whose caller hangs up before a word.
    pub hung_up: f64,
    /// Share of calls in which nobody speaks.
    pub silent: f64,
    /// Share of calls that want nothing a unit could do: questions, nuisance, mistakes.
    pub idle: f64,
    /// Share of happenings that more than one person reports.
    pub repeated: f64,
    /// Share of mobile calls whose place is wrong by kilometres.
    pub misplaced: f64,
    /// Share of mobile calls without a place.
    pub unplaced: f64,
    /// Technical alarms an hour.
    pub technicals_per_hour: f64,
    /// SOS presses a day, all units together.
    pub sos_per_day: f64,
    /// Share of SOS pressed out of coverage.
    pub sos_late: f64,
    /// Seconds between fixes of a moving unit.
    pub fix_s: f64,
    /// Seconds between fixes of one that stands at a scene or a hot spot.
    pub standing_fix_s: f64,
    /// Seconds between heartbeats of one on call at home; set to `fix_s` for a full fleet's load.
    pub heartbeat_s: f64,
    /// Seconds between heartbeats of an alarm point.
    pub point_heartbeat_s: f64,
    /// Share of the alarm points that are mute in an hour.
    pub points_mute: f64,
    /// How crews behave.
    pub habits: Habits,
    /// How links behave.
    pub coverage: Coverage,
    /// Automatic operators, all desks together.
    pub operators: usize,
    /// Seconds after which they answer what rings at a desk where somebody sits: the colleague at the next seat.
    pub answer_patience_s: f64,
    /// Seconds after which they take up whatever else lies there, so that the centre does not drown.
    pub patience_s: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            alarms_per_minute: 3.0,
            hung_up: 0.06,
            silent: 0.04,
            idle: 0.08,
            repeated: 0.14,
            misplaced: 0.03,
            unplaced: 0.25,
            technicals_per_hour: 20.0,
            sos_per_day: 30.0,
            sos_late: 0.2,
            fix_s: 5.0,
            standing_fix_s: 30.0,
            heartbeat_s: 240.0,
            point_heartbeat_s: 60.0,
            points_mute: 0.000_3,
            habits: Habits::default(),
            coverage: Coverage::default(),
            operators: 10,
            answer_patience_s: 60.0,
            patience_s: 300.0,
        }
    }
}
