//! What a recommendation has to be: the same when it is worked out again from its own evidence (D1), of every unit that
//! can come and of no other however old its fix (D8), over every border (D14), with true distances (D16).

use dispatch_core::command::Command;
use dispatch_core::event::Record;
use dispatch_core::kernel::id::{IncidentId, UnitId};
use dispatch_core::kernel::recommend::recommend;
use dispatch_core::kernel::recommendation::{Candidate, Examination, Recommendation};
use dispatch_core::register::UnitEntry;
use dispatch_core::response::alarm::AlarmSource;
use dispatch_writer::Request;

use super::tables::{Call, Guess};

/// As many are listed for a line at least.
const LISTED: usize = 5;
/// Radius of the earth, decimetres.
const RADIUS_DM: f64 = 63_710_088.0;
/// Two ways to work out a distance differ by rounding, decimetres.
const ROUNDING_DM: f64 = 2.0;

impl Guess {
    /// Looks at a recommendation beside what is known before its command does anything.
    pub(super) fn is_examined(
        &self,
        recorded: &Recommendation,
        row: &Record,
        request: Option<&Request>,
    ) -> Result<(), String> {
        let of = recorded.incident;
        let examined = &recorded.examination;
        let again = recommend(recorded.id, of, recorded.occasion, examined);
        let bytes = |of: &Recommendation| serde_json::to_vec(of).map_err(|error| format!("D1: {error}"));
        if bytes(&again)? != bytes(recorded)? {
            return Err(format!("D1: worked out again, recommendation {} is another", recorded.id));
        }
        if examined.at > row.recorded_at || examined.region != self.region {
            return Err(format!("D1: recommendation {} rests on another time or region", recorded.id));
        }
        for candidate in &examined.available {
            self.may_come(candidate, examined)
                .map_err(|what| format!("{what}: {} for {of}", candidate.unit))?;
        }
        let pressing = request.and_then(|request| match &request.envelope.command {
            Command::RaiseAlarm(raise) => raise.unit.as_ref(),
            _ => None,
        });
        if spot(examined).is_none() {
            return if examined.available.is_empty() {
                Ok(())
            } else {
                Err(format!("D8: units come to {of}, and nobody knows where it is"))
            };
        }
        let missed = self.units.keys().find(|unit| {
            let calls = pressing == Some(*unit) || self.called_for(unit, of);
            !calls && self.is_available(unit) && self.is_passed_over(unit, examined)
        });
        match missed {
            None => Ok(()),
            Some(unit) => Err(format!("D8: {unit} can come to {of} and is not among those who can")),
        }
    }

    /// A unit is not sent to itself, though it may have been found well and gone on meanwhile.
    fn called_for(&self, unit: &UnitId, incident: IncidentId) -> bool {
        let pressed = |call: &Call| call.source == AlarmSource::Sos && call.unit.as_ref() == Some(unit);
        self.alarms.values().any(|call| pressed(call) && call.incident == Some(incident))
    }

    fn may_come(&self, candidate: &Candidate, examined: &Examination) -> Result<(), &'static str> {
        let Some(car) = self.units.get(&candidate.unit) else { return Err("D10: a unit that is not there") };
        if !self.is_available(&candidate.unit) {
            return Err("D8: a unit that cannot come");
        }
        if car.desk != candidate.desk {
            return Err("D14: a unit of another desk than it says");
        }
        if lines(&car.entry, examined) != candidate.fills {
            return Err("D14: a unit for what it is not fit for");
        }
        let apart =
            spot(examined).map_or(0.0, |at| great_circle_dm((car.entry.home.lon, car.entry.home.lat), at));
        if (apart - f64::from(candidate.distance_dm)).abs() > ROUNDING_DM {
            return Err("D16: a unit at another distance");
        }
        Ok(())
    }

    /// A unit that fits a line of which fewer are listed than would be listed.
    fn is_passed_over(&self, unit: &UnitId, examined: &Examination) -> bool {
        if examined.available.iter().any(|candidate| candidate.unit == *unit) {
            return false;
        }
        let needed: usize = examined.needs.iter().map(|need| usize::from(need.count)).sum();
        let full = |line: &u8| {
            let fit = examined.available.iter().filter(|candidate| candidate.fills.contains(line));
            fit.count() >= needed.max(LISTED)
        };
        self.units.get(unit).is_some_and(|car| !lines(&car.entry, examined).iter().all(full))
    }
}

/// The spot units are sought from: longitude and latitude, 1e-7 degrees.
fn spot(examined: &Examination) -> Option<(i32, i32)> {
    let spot = examined.place.coord.or_else(|| examined.around.as_ref().map(|around| around.at));
    spot.map(|at| (at.lon, at.lat))
}

/// The lines of the run card that a unit fits.
fn lines(entry: &UnitEntry, examined: &Examination) -> Vec<u8> {
    let fits = |need: &dispatch_core::kernel::recommendation::Need| {
        let class = need.classes.is_empty() || need.classes.contains(&entry.class);
        class && need.capabilities.is_subset(&entry.capabilities)
    };
    if examined.forbidden.contains(&entry.class) {
        return Vec::new();
    }
    let lines = (0_u8..).zip(&examined.needs);
    lines.filter(|(_, need)| fits(need)).map(|(line, _)| line).collect()
}

/// The haversine formula, in decimetres.
fn great_circle_dm(from: (i32, i32), to: (i32, i32)) -> f64 {
    let radians = |e7: i32| (f64::from(e7) / 1e7).to_radians();
    let (lat, lat_to) = (radians(from.1), radians(to.1));
    let (north, east) = ((lat_to - lat) / 2.0, (radians(to.0) - radians(from.0)) / 2.0);
    let chord = north.sin().powi(2) + lat.cos() * lat_to.cos() * east.sin().powi(2);
    2.0 * RADIUS_DM * chord.sqrt().asin()
}
