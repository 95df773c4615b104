//! Position frames, byte by byte as `docs/stream.md` lays them out: the whole content of one (tile, label) at one tick.

use dispatch_core::time::Time;

/// Byte 0 of every frame.
pub const VERSION: u8 = 1;
/// Byte 1 of a tile frame.
pub const TILE: u8 = 1;
/// Bytes before the units.
pub const HEADER_BYTES: usize = 24;
/// Bytes of one unit.
pub const UNIT_BYTES: usize = 18;
/// Label of units without an area at the label level.
pub const NO_LABEL: u32 = u32::MAX;
/// Speed or heading that is not known.
pub const NOT_KNOWN: u16 = u16::MAX;
/// Age of a unit that never had a fix: it is drawn at its home base.
pub const NO_FIX: u16 = u16::MAX;

/// A frame, decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// H3 cell.
    pub tile: u64,
    /// Index into the labels of `hello`.
    pub label: u32,
    /// Time of the tick.
    pub at: Time,
    /// Who is there, by slot.
    pub units: Vec<FrameUnit>,
}

/// One unit of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameUnit {
    /// Slot, as in its view.
    pub slot: u32,
    /// Longitude, 1e-7 degrees.
    pub lon: i32,
    /// Latitude, 1e-7 degrees.
    pub lat: i32,
    /// Centimetres per second, or [`NOT_KNOWN`].
    pub speed_cm_s: u16,
    /// Degrees clockwise from north, or [`NOT_KNOWN`].
    pub heading_deg: u16,
    /// Seconds since the fix, 65534 for that or older, or [`NO_FIX`].
    pub age_s: u16,
}

/// Why bytes are not a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FrameFault {
    /// Shorter than a header.
    #[error("a frame has at least {HEADER_BYTES} bytes")]
    Short,
    /// A version this build does not read: to be ignored.
    #[error("version {0} is not known")]
    Version(u8),
    /// A kind this build does not read: to be ignored.
    #[error("kind {0} is not known")]
    Kind(u8),
    /// The length is not what the count says.
    #[error("the length does not fit the count")]
    Length,
}

impl Frame {
    /// The bytes. Units beyond the 65,535th are left out.
    pub fn encode(&self) -> Vec<u8> {
        let count = u16::try_from(self.units.len()).unwrap_or(u16::MAX);
        let mut bytes = Vec::with_capacity(HEADER_BYTES + usize::from(count) * UNIT_BYTES);
        bytes.extend([VERSION, TILE]);
        bytes.extend(count.to_le_bytes());
        bytes.extend(self.tile.to_le_bytes());
        bytes.extend(self.label.to_le_bytes());
        bytes.extend(self.at.0.to_le_bytes());
        for unit in &self.units[..usize::from(count)] {
            bytes.extend(unit.slot.to_le_bytes());
            bytes.extend(unit.lon.to_le_bytes());
            bytes.extend(unit.lat.to_le_bytes());
            bytes.extend(unit.speed_cm_s.to_le_bytes());
            bytes.extend(unit.heading_deg.to_le_bytes());
            bytes.extend(unit.age_s.to_le_bytes());
        }
        bytes
    }

    /// Reads a frame.
    pub fn decode(bytes: &[u8]) -> Result<Self, FrameFault> {
        let (header, mut rest) = bytes.split_first_chunk::<HEADER_BYTES>().ok_or(FrameFault::Short)?;
        if header[0] != VERSION {
            return Err(FrameFault::Version(header[0]));
        }
        if header[1] != TILE {
            return Err(FrameFault::Kind(header[1]));
        }
        let mut at = &header[2..];
        let count = usize::from(u16::from_le_bytes(take(&mut at)));
        if rest.len() != count * UNIT_BYTES {
            return Err(FrameFault::Length);
        }
        let mut frame = Self {
            tile: u64::from_le_bytes(take(&mut at)),
            label: u32::from_le_bytes(take(&mut at)),
            at: Time(i64::from_le_bytes(take(&mut at))),
            units: Vec::with_capacity(count),
        };
        for _ in 0..count {
            frame.units.push(FrameUnit {
                slot: u32::from_le_bytes(take(&mut rest)),
                lon: i32::from_le_bytes(take(&mut rest)),
                lat: i32::from_le_bytes(take(&mut rest)),
                speed_cm_s: u16::from_le_bytes(take(&mut rest)),
                heading_deg: u16::from_le_bytes(take(&mut rest)),
                age_s: u16::from_le_bytes(take(&mut rest)),
            });
        }
        Ok(frame)
    }
}

/// Takes the next `N` bytes; lengths were checked before.
fn take<const N: usize>(bytes: &mut &[u8]) -> [u8; N] {
    let (head, rest) = bytes.split_first_chunk::<N>().expect("the length was checked against the count");
    *bytes = rest;
    *head
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn bytes_are_where_the_paper_says() {
        let unit = FrameUnit {
            slot: 7,
            lon: 1_160_860_000,
            lat: -5,
            speed_cm_s: 1250,
            heading_deg: 270,
            age_s: NO_FIX,
        };
        let frame = Frame { tile: 0x8440_a37f_ffff_ffff, label: 3, at: Time(1), units: vec![unit] };
        let bytes = frame.encode();
        assert_eq!(bytes.len(), 42);
        assert_eq!(&bytes[..4], &[1, 1, 1, 0]);
        assert_eq!(bytes[4..12], 0x8440_a37f_ffff_ffff_u64.to_le_bytes());
        assert_eq!(bytes[12..16], 3u32.to_le_bytes());
        assert_eq!(bytes[16..24], 1i64.to_le_bytes());
        assert_eq!(bytes[24..28], 7u32.to_le_bytes());
        assert_eq!(bytes[32..36], (-5i32).to_le_bytes());
        assert_eq!(bytes[40..], [255, 255]);
        assert_eq!(Frame::decode(&bytes), Ok(frame));
    }

    #[test]
    fn what_is_not_a_frame_is_told_apart() {
        let empty = Frame { tile: 1, label: NO_LABEL, at: Time(0), units: vec![] }.encode();
        assert_eq!(Frame::decode(&empty[..23]), Err(FrameFault::Short));
        let changed = |at: usize, to: u8| {
            let mut bytes = empty.clone();
            bytes[at] = to;
            Frame::decode(&bytes).unwrap_err()
        };
        assert_eq!(changed(0, 2), FrameFault::Version(2));
        assert_eq!(changed(1, 9), FrameFault::Kind(9));
        assert_eq!(changed(2, 1), FrameFault::Length);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(frame) = Frame::decode(&bytes) {
                prop_assert_eq!(frame.encode(), bytes);
            }
        }

        #[test]
        fn frames_survive_the_wire(
            tile: u64, label: u32, at: i64,
            units in proptest::collection::vec(any::<(u32, i32, i32, u16, u16, u16)>(), 0..20),
        ) {
            let units = units.into_iter().map(|(slot, lon, lat, speed_cm_s, heading_deg, age_s)| {
                FrameUnit { slot, lon, lat, speed_cm_s, heading_deg, age_s }
            }).collect();
            let frame = Frame { tile, label, at: Time(at), units };
            prop_assert_eq!(Frame::decode(&frame.encode()), Ok(frame));
        }
    }
}
