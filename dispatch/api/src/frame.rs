//! Position frames, byte by byte as `docs/stream.md` lays them out. A binary message is a version and one frame after
//! another; a frame is the whole content of one (tile, label) at one tick and tells its own length.

use dispatch_core::kernel::time::Time;

/// Byte 0 of every binary message.
pub const VERSION: u8 = 1;
/// Byte 0 of a tile frame.
pub const TILE: u8 = 1;
/// Bytes of a frame before its units.
pub const HEADER_BYTES: usize = 23;
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
    /// H3 cell of the tile, at the tile resolution of `hello`.
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

/// Why bytes are not a message of frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FrameFault {
    /// Nothing, or a frame shorter than its header.
    #[error("a message has a version, and a frame at least {HEADER_BYTES} bytes")]
    Short,
    /// A version this build does not read: the message is to be ignored.
    #[error("version {0} is not known")]
    Version(u8),
    /// A kind this build does not read: the rest of the message is to be ignored.
    #[error("kind {0} is not known")]
    Kind(u8),
    /// Shorter than its count says.
    #[error("the length does not fit the count")]
    Length,
}

/// Puts encoded frames into one message.
pub fn message<'a>(frames: impl IntoIterator<Item = &'a [u8], IntoIter: Clone>) -> Vec<u8> {
    let frames = frames.into_iter();
    let mut bytes = Vec::with_capacity(1 + frames.clone().map(<[u8]>::len).sum::<usize>());
    bytes.push(VERSION);
    frames.for_each(|frame| bytes.extend_from_slice(frame));
    bytes
}

/// Reads a message, frame by frame; after a fault nothing more comes.
pub fn read(message: &[u8]) -> impl Iterator<Item = Result<Frame, FrameFault>> {
    let mut left: Result<&[u8], FrameFault> = match message.split_first() {
        None => Err(FrameFault::Short),
        Some((&VERSION, frames)) => Ok(frames),
        Some((&version, _)) => Err(FrameFault::Version(version)),
    };
    std::iter::from_fn(move || {
        let frames = match &mut left {
            Ok([]) => return None,
            Ok(frames) => frames,
            Err(fault) => {
                let fault = *fault;
                left = Ok(&[]);
                return Some(Err(fault));
            }
        };
        let frame = Frame::take_from(frames);
        if frame.is_err() {
            left = Ok(&[]);
        }
        Some(frame)
    })
}

impl Frame {
    /// The bytes, as they stand in a message. Units beyond the 65,535th are left out.
    pub fn encode(&self) -> Vec<u8> {
        let count = u16::try_from(self.units.len()).unwrap_or(u16::MAX);
        let mut bytes = Vec::with_capacity(HEADER_BYTES + usize::from(count) * UNIT_BYTES);
        bytes.push(TILE);
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

    /// Reads the frame the bytes begin with, and leaves what follows.
    fn take_from(bytes: &mut &[u8]) -> Result<Self, FrameFault> {
        if let Some(kind) = bytes.first().filter(|kind| **kind != TILE) {
            return Err(FrameFault::Kind(*kind));
        }
        let (header, rest) = bytes.split_first_chunk::<HEADER_BYTES>().ok_or(FrameFault::Short)?;
        let mut at = &header[1..];
        let count = usize::from(u16::from_le_bytes(take(&mut at)));
        let (mut units, rest) = rest.split_at_checked(count * UNIT_BYTES).ok_or(FrameFault::Length)?;
        let mut frame = Self {
            tile: u64::from_le_bytes(take(&mut at)),
            label: u32::from_le_bytes(take(&mut at)),
            at: Time(i64::from_le_bytes(take(&mut at))),
            units: Vec::with_capacity(count),
        };
        for _ in 0..count {
            frame.units.push(FrameUnit {
                slot: u32::from_le_bytes(take(&mut units)),
                lon: i32::from_le_bytes(take(&mut units)),
                lat: i32::from_le_bytes(take(&mut units)),
                speed_cm_s: u16::from_le_bytes(take(&mut units)),
                heading_deg: u16::from_le_bytes(take(&mut units)),
                age_s: u16::from_le_bytes(take(&mut units)),
            });
        }
        *bytes = rest;
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

    fn all(message: &[u8]) -> Vec<Result<Frame, FrameFault>> {
        read(message).collect()
    }

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
        assert_eq!(bytes.len(), 41);
        assert_eq!(&bytes[..3], &[1, 1, 0]);
        assert_eq!(bytes[3..11], 0x8440_a37f_ffff_ffff_u64.to_le_bytes());
        assert_eq!(bytes[11..15], 3u32.to_le_bytes());
        assert_eq!(bytes[15..23], 1i64.to_le_bytes());
        assert_eq!(bytes[23..27], 7u32.to_le_bytes());
        assert_eq!(bytes[31..35], (-5i32).to_le_bytes());
        assert_eq!(bytes[39..], [255, 255]);
        let message = message([bytes.as_slice(), &bytes]);
        assert_eq!((message.len(), message[0]), (1 + 2 * 41, 1));
        assert_eq!(all(&message), [Ok(frame.clone()), Ok(frame)]);
    }

    #[test]
    fn what_is_not_a_frame_is_told_apart_and_ends_the_message() {
        let empty = Frame { tile: 1, label: NO_LABEL, at: Time(0), units: vec![] };
        let bytes = message([empty.encode().as_slice(), &empty.encode()]);
        assert_eq!(all(&[]), [Err(FrameFault::Short)]);
        assert_eq!(all(&[VERSION]), []);
        assert_eq!(all(&bytes[..46]), [Ok(empty.clone()), Err(FrameFault::Short)]);
        let changed = |at: usize, to: u8| {
            let mut bytes = bytes.clone();
            bytes[at] = to;
            all(&bytes)
        };
        assert_eq!(changed(0, 2), [Err(FrameFault::Version(2))]);
        assert_eq!(changed(1, 9), [Err(FrameFault::Kind(9))]);
        assert_eq!(changed(24, 9), [Ok(empty.clone()), Err(FrameFault::Kind(9))]);
        assert_eq!(changed(25, 1), [Ok(empty), Err(FrameFault::Length)]);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let read: Vec<Vec<u8>> = all(&bytes).into_iter().flatten().map(|frame| frame.encode()).collect();
            let again = message(read.iter().map(Vec::as_slice));
            prop_assert!(read.is_empty() || bytes.starts_with(&again));
        }

        #[test]
        fn frames_survive_the_wire(
            tile: u64, label: u32, at: i64,
            units in proptest::collection::vec(any::<(u32, i32, i32, u16, u16, u16)>(), 0..20),
        ) {
            let units: Vec<FrameUnit> = units.into_iter().map(|(slot, lon, lat, speed_cm_s, heading_deg, age_s)| {
                FrameUnit { slot, lon, lat, speed_cm_s, heading_deg, age_s }
            }).collect();
            let halves = units.split_at(units.len() / 2);
            let frames = [halves.0, halves.1].map(|units| Frame { tile, label, at: Time(at), units: units.to_vec() });
            let bytes = frames.each_ref().map(Frame::encode);
            let message = message(bytes.iter().map(Vec::as_slice));
            prop_assert_eq!(all(&message), frames.map(Ok));
        }
    }
}
