//! The bytes of a chunk: the points of one unit, in order of fix time.
//!
//! ```text
//! chunk  = version:u8 (1)  count:varint  point*
//! point  = time:zigzag  delay:zigzag  lon:zigzag  lat:zigzag  speed:varint  heading:varint  accuracy:varint
//! flush  = entry*
//! entry  = length:varint code:UTF-8  length:varint chunk
//! ```
//!
//! `varint` is LEB128, least significant seven bits first; `zigzag` is a varint of `(n << 1) ^ (n >> 63)`. `time` is
//! the fix time in microseconds, `lon` and `lat` are 1e-7 degree; each is the difference to the point before (to 0 for
//! the first). `delay` is reception minus fix time in milliseconds, rounded down. `speed` is cm/s, `heading` degrees,
//! `accuracy` metres plus one, 0 when the receiver gave none. A point of a moving car takes about 14 bytes.

use dispatch_core::Coord;
use dispatch_core::kernel::id::UnitId;
use dispatch_core::kernel::time::Time;

use super::TrackPoint;
use crate::store::StoreError;

const VERSION: u8 = 1;

/// The points of one unit as a chunk. The unit itself is the key beside it.
pub fn encode(points: &[TrackPoint]) -> Vec<u8> {
    let mut bytes = vec![VERSION];
    varint(&mut bytes, points.len() as u64);
    let (mut time, mut lon, mut lat) = (0, 0, 0);
    for point in points {
        zigzag(&mut bytes, point.fix_time.0.wrapping_sub(time));
        zigzag(&mut bytes, point.received_at.0.wrapping_sub(point.fix_time.0).div_euclid(1_000));
        zigzag(&mut bytes, i64::from(point.at.lon) - lon);
        zigzag(&mut bytes, i64::from(point.at.lat) - lat);
        varint(&mut bytes, point.speed_cm_s.into());
        varint(&mut bytes, point.heading_deg.into());
        varint(&mut bytes, point.accuracy_m.map_or(0, |metres| u64::from(metres) + 1));
        (time, lon, lat) = (point.fix_time.0, point.at.lon.into(), point.at.lat.into());
    }
    bytes
}

/// Reads a chunk of a unit.
pub fn decode(unit: &UnitId, bytes: &[u8]) -> Result<Vec<TrackPoint>, StoreError> {
    read(unit, bytes)
        .ok_or_else(|| StoreError::corrupt("a chunk of a track cannot be read", format!("of unit {unit}")))
}

fn read(unit: &UnitId, bytes: &[u8]) -> Option<Vec<TrackPoint>> {
    let (version, bytes) = bytes.split_first()?;
    if *version != VERSION {
        return None;
    }
    let mut reader = Reader { bytes };
    let count = reader.varint()?;
    let (mut time, mut lon, mut lat) = (0i64, 0i64, 0i64);
    // A point takes at least seven bytes: a count beyond that is not believed before anything is allocated.
    let mut points =
        Vec::with_capacity(usize::try_from(count).ok().filter(|count| *count <= bytes.len() / 7)?);
    for _ in 0..count {
        time = time.wrapping_add(reader.zigzag()?);
        let delay = reader.zigzag()?;
        lon = lon.checked_add(reader.zigzag()?)?;
        lat = lat.checked_add(reader.zigzag()?)?;
        points.push(TrackPoint {
            unit: unit.clone(),
            fix_time: Time(time),
            received_at: Time(time.wrapping_add(delay.wrapping_mul(1_000))),
            at: Coord { lon: lon.try_into().ok()?, lat: lat.try_into().ok()? },
            speed_cm_s: reader.varint()?.try_into().ok()?,
            heading_deg: reader.varint()?.try_into().ok()?,
            accuracy_m: match reader.varint()? {
                0 => None,
                metres => Some(u16::try_from(metres - 1).ok()?),
            },
        });
    }
    reader.bytes.is_empty().then_some(points)
}

/// The points of many units as one flush; `points` are of any order.
pub fn encode_flush<'a>(points: impl Iterator<Item = (&'a UnitId, &'a [TrackPoint])>) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (unit, points) in points {
        let chunk = encode(points);
        varint(&mut bytes, unit.as_str().len() as u64);
        bytes.extend_from_slice(unit.as_str().as_bytes());
        varint(&mut bytes, chunk.len() as u64);
        bytes.extend_from_slice(&chunk);
    }
    bytes
}

/// Reads a flush.
pub fn decode_flush(bytes: &[u8]) -> Result<Vec<TrackPoint>, StoreError> {
    let fault = || StoreError::corrupt("a flush of tracks cannot be read", format!("{} bytes", bytes.len()));
    let mut reader = Reader { bytes };
    let mut points = Vec::new();
    while !reader.bytes.is_empty() {
        let code = reader.counted().and_then(|code| std::str::from_utf8(code).ok()).ok_or_else(fault)?;
        let unit = UnitId::from(code);
        points.extend(decode(&unit, reader.counted().ok_or_else(fault)?)?);
    }
    Ok(points)
}

fn varint(bytes: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        bytes.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    bytes.push((value & 0x7f) as u8);
}

fn zigzag(bytes: &mut Vec<u8>, value: i64) {
    varint(bytes, ((value << 1) ^ (value >> 63)).cast_unsigned());
}

struct Reader<'a> {
    bytes: &'a [u8],
}

impl<'a> Reader<'a> {
    fn varint(&mut self) -> Option<u64> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let (byte, rest) = self.bytes.split_first()?;
            self.bytes = rest;
            value |= u64::from(byte & 0x7f).checked_shl(shift)?;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    fn zigzag(&mut self) -> Option<i64> {
        let value = self.varint()?;
        Some((value >> 1).cast_signed() ^ -(value & 1).cast_signed())
    }

    fn counted(&mut self) -> Option<&'a [u8]> {
        let length = usize::try_from(self.varint()?).ok()?;
        let (counted, rest) = self.bytes.split_at_checked(length)?;
        self.bytes = rest;
        Some(counted)
    }
}
